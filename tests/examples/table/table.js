/**
 * An encrypted Parquet file on a server, read a few rows at a time: an AgeReader is an AsyncBuffer,
 * as hyparquet takes it.
 */
import { parquetReadObjects } from "hyparquet";
import { AgeReader } from "age-rt-wasm/reader";

/** Rows of some columns. */
export async function rows(url, key, { columns, rowStart, rowEnd }) {
  const file = await AgeReader.open(url, key);
  try {
    return await parquetReadObjects({ file, columns, rowStart, rowEnd });
  } finally {
    file.close();
  }
}
