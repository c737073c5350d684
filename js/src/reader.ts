/**
 * Any part of an age file, without reading the rest.
 *
 * @packageDocumentation
 */
export { AgeReader, type ReaderOptions } from "./reader/age-reader.js";
export type { RandomAccessSource, ReadableFile } from "./reader/source.js";
