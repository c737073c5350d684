/** What comes out of a stream for an input, and its error. */
export async function through(stream, input) {
  const parts = [];
  try {
    for await (const part of new Blob([input]).stream().pipeThrough(stream)) parts.push(part);
  } catch (error) {
    return { bytes: Buffer.concat(parts), parts, error };
  }
  return { bytes: Buffer.concat(parts), parts };
}
