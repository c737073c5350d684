/**
 * Text for a terminal, and for logs. The name of a file that came out of an archive may be an
 * attacker's. It may hold commands of a terminal, a line of its own, or letters that turn around
 * what stands beside them. And where a name belongs, somebody may have given a private key.
 */
export function printable(text: string): string {
  return text
    .replace(/(AGE-SECRET-KEY-(?:PQ-)?1)[0-9A-Z]+/gi, "$1…")
    .replace(
      /[\p{Cc}\p{Cf}\p{Cs}\p{Zl}\p{Zp}]/gu,
      (character) => `\\u{${(character.codePointAt(0) as number).toString(16)}}`,
    );
}
