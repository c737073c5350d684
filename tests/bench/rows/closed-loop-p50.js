import { percentileRow } from "../lib/closed-loop-percentile.js";

export default percentileRow(50);
