import { autoRow } from "../lib/auto-row.js";

export default autoRow("decrypt");
