/**
 * The age authors' 143 vectors through the public API, with the keys that they name, in every
 * engine: armored ones, hybrid ones and all.
 */
import { AgeRtError, decrypt } from "age-rt-wasm";
import { assert } from "../harness.js";
import { sha256 } from "./lib/bytes.js";
import { CLASSES, cctvNames as names, keysOf, readCctv as read } from "./lib/cctv.js";
import { describe, test } from "./lib/groups.js";

const COUNT = 143;

/** Truncated in the header, in the nonce, or in the payload: their names say where. */
const TRUNCATED = { stream_no_nonce: "header failure", stream_short_nonce: "header failure" };

/**
 * What only armor has, and CCTV counts as armor's fault: the same bytes without it would be no age
 * file.
 */
const NO_ARMOR_AT_ALL = ["not-age", "invalid-armor"];

test(`there are ${COUNT}`, () => assert.equal(names.length, COUNT));

describe("each ends as its authors say", () => {
  for (const name of names) {
    test(name, async () => {
      const wanted = await read(name);
      let outcome;
      try {
        const plaintext = await decrypt(wanted.file, keysOf(wanted));
        outcome = "success";
        assert.equal(await sha256(plaintext), wanted.payload);
      } catch (error) {
        if (outcome || !(error instanceof AgeRtError)) throw error;
        outcome =
          error.code === "truncated"
            ? (TRUNCATED[name] ?? (/^stream_/.test(name) ? "payload failure" : "header failure"))
            : CLASSES[error.code];
        if (wanted.expect === "armor failure" && NO_ARMOR_AT_ALL.includes(error.code))
          outcome = "armor failure";
      }
      assert.equal(outcome, wanted.expect);
    });
  }
});
