import { commandRow } from "../lib/command-row.js";

export default commandRow("encrypt", 256);
