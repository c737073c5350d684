import type { Entry } from "./entries.js";
import { numbered } from "./names.js";

/**
 * The entries with a path of their own each: of two files of one name, unpacking would lose the
 * first. Paths that differ in nothing but case or the way their accents are written are one path on
 * many disks.
 */
export function uniquePaths(entries: readonly Entry[]): Entry[] {
  const taken = new Set<string>();
  for (const { path } of entries)
    for (let at = path.indexOf("/"); at >= 0; at = path.indexOf("/", at + 1))
      taken.add(folded(path.slice(0, at)));
  const counts = new Map<string, number>();
  return entries.map(({ path, file }) => {
    const base = folded(path);
    let unique = path;
    let count = counts.get(base) ?? 1;
    while (taken.has(folded(unique))) unique = numbered(path, (count += 1));
    counts.set(base, count);
    taken.add(folded(unique));
    return { path: unique, file };
  });
}

function folded(path: string): string {
  return path.normalize("NFC").toLowerCase();
}
