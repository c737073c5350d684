/** What may go wrong, and the examples in which it can: `[what world.js is told, the examples]`. */
export const WRONG = {
  "a wrong passphrase": [{ passphrase: "wrong" }, /[dD]ecrypt|Decoder|WebSocket/],
  "a body that is cut": [{ wrong: "cut" }, /fetch\(|WebSocket|encrypted|\.age/],
  "a connection that is lost": [{ wrong: "lost" }, /fetch\(|WebSocket/],
  "an abort": [{ wrong: "abort" }, /fetch\(|WebSocket/],
};

/** What it prints has the standard work factor in it. */
export function namesStandard(printed) {
  return printed.some((line) => /\b18\b/.test(line));
}
