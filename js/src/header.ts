/**
 * What an age file is, without opening it, and its header apart from its payload.
 *
 * @packageDocumentation
 */
export { type Inspection, inspect, splitHeader } from "./header/inspect.js";
