import { commandRow } from "../lib/command-row.js";

export default commandRow("decrypt", 256);
