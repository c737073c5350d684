import { memoryRow } from "../lib/command-row.js";

export default memoryRow;
