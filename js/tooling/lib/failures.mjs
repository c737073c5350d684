/** What failed, out of what a test program printed: to be read at the end of a long run. */

/** Lines that are kept of one program. */
const MOST = 120;

/** Lines that follow the name of a failed test. */
const DETAILS = 8;

const FAILED = /^(?:not ok |test .* FAILED$|---- .* ----$|error(?:\[\w+\])?: )/;

/**
 * @param text - what the program printed.
 * @returns node's own list of failed tests; else the lines of failed tests with what follows them;
 * else the last lines.
 */
export function failures(text) {
  const lines = text.trimEnd().split("\n");
  const list = lines.findLastIndex((line) => line.startsWith("✖ failing tests:"));
  if (list >= 0)
    return lines
      .slice(list + 1, list + 1 + MOST)
      .join("\n")
      .trim();
  const kept = new Set();
  lines.forEach((line, at) => {
    if (!FAILED.test(line)) return;
    for (let i = at; i <= at + DETAILS && i < lines.length; i += 1) {
      if (i > at && /^ok /.test(lines[i])) break;
      kept.add(i);
    }
  });
  if (kept.size === 0) return lines.slice(-30).join("\n");
  return [...kept]
    .slice(0, MOST)
    .map((at) => lines[at])
    .join("\n");
}
