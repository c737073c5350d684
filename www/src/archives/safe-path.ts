/**
 * Names in an archive come from whoever made it: they must name a file below the folder that the
 * person chose, and nothing else.
 */

/** What some system takes for more than a part of a name. */
const FORBIDDEN = /[\u0000-\u001f\u007f<>:"|?*\\\u202a-\u202e\u2066-\u2069]/;
/** Devices of Windows, with any extension. */
const DEVICE = /^(?:con|prn|aux|nul|com\d|lpt\d)(?:\.|$)/i;
const LONGEST_PART = 255;
const MOST_PARTS = 64;

/** The folders and the name, or undefined for a name that must not become a file's. */
export function safePath(name: string): string[] | undefined {
  const parts = name.replace(/^(?:\.\/)+/, "").split("/");
  const isSafe = parts.every(
    (part) =>
      part !== "" &&
      // Windows takes points and spaces at the end away: "..." would be nothing.
      !/[. ]$/.test(part) &&
      !/^ /.test(part) &&
      !FORBIDDEN.test(part) &&
      !DEVICE.test(part) &&
      new TextEncoder().encode(part).length <= LONGEST_PART,
  );
  return isSafe && parts.length <= MOST_PARTS ? parts : undefined;
}
