/** Headers that no key opens: a decoder derives for as long as they ask before it can know. */
export function headerOf(workFactor) {
  return new TextEncoder().encode(
    `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} ${workFactor}\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`,
  );
}
