import { fileRow } from "../lib/file-row.js";

export default fileRow("rage", "decrypt");
