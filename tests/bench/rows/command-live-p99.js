import { liveRow } from "../lib/command-row.js";

export default liveRow(99);
