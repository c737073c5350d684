/**
 * What streams with workers load when they need it: a file of its own, so that nobody else does. It
 * imports types alone, and is handed the rest.
 */
export { openWorkers } from "./workers/lanes.js";
