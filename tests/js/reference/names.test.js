/**
 * Every function, class and member of the reference has a counterpart here, and the functions take
 * as many parameters.
 */
import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { test } from "node:test";
import * as age from "age-rt-wasm";
import { python } from "../lib/repository.js";
import { signatures } from "./lib/readme.js";

/** What the module defines itself and does not hide. */
const PRINT = `
import age_rt, inspect, json
def own(thing): return {name: value for name, value in vars(thing).items() if not name.startswith("_")}
names = []
for name, value in own(age_rt).items():
    if getattr(value, "__module__", None) != "age_rt": continue
    names.append(name)
    if inspect.isclass(value): names += [f"{name}.{member}" for member in own(value)]
print(json.dumps(names))
`;

/** The names that are not the same words in camel case. */
const RENAMED = {
  AgeRTError: "AgeRtError",
  AgeRTEncoder: "AgeRtEncoder",
  AgeRTDecoder: "AgeRtDecoder",
};

function counterpart(name) {
  const [thing, member] = name
    .split(".")
    .map((part) => RENAMED[part] ?? part.replace(/_([a-z])/g, (_, letter) => letter.toUpperCase()));
  const value = age[thing];
  if (value === undefined || member === undefined) return value;
  for (let at = value; at; at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, member)) return at[member];
  for (let at = value.prototype; at; at = Object.getPrototypeOf(at))
    if (Object.hasOwn(at, member)) return Object.getOwnPropertyDescriptor(at, member);
  return undefined;
}

test("every public name", () => {
  const names = JSON.parse(execFileSync(python(), ["-c", PRINT], { encoding: "utf8" }));
  assert.equal(names.length, 38, names.join(" "));
  assert.deepEqual(
    names.filter((name) => counterpart(name) === undefined),
    [],
  );
});

test("every documented function takes as many parameters", () => {
  const documented = signatures
    .map((text) => /^(?:async )?([a-z_]+)\(/.exec(text)?.[1])
    .filter((name) => name && !name.endsWith("_chunk") && /encode|decode/.test(name));
  assert.deepEqual(documented.sort(), [
    "aiter_decode_callable",
    "aiter_decode_chunks",
    "aiter_encode_chunks",
    "decode_bytes",
    "decode_file",
    "encode_bytes",
    "encode_file",
    "iter_decode_callable",
    "iter_decode_chunks",
    "iter_encode_chunks",
  ]);
  for (const name of documented)
    assert.equal(counterpart(name).length, name === "encode_file" ? 3 : 2, name);
});

test("the errors have the same bases", () => {
  const BASES = {
    DecodeError: "AgeRtError",
    HeaderParseError: "DecodeError",
    ChunkAuthenticationError: "DecodeError",
    StreamTruncatedError: "DecodeError",
    InsufficientDataError: "DecodeError",
  };
  const print =
    "import age_rt; print([c.__mro__[1].__name__ for c in (age_rt.DecodeError, age_rt.HeaderParseError, age_rt.ChunkAuthenticationError, age_rt.StreamTruncatedError, age_rt.InsufficientDataError)])";
  const theirs = JSON.parse(
    execFileSync(python(), ["-c", print], { encoding: "utf8" }).replaceAll("'", '"'),
  );
  assert.deepEqual(
    theirs.map((name) => RENAMED[name] ?? name),
    Object.values(BASES),
  );
  for (const [name, base] of Object.entries(BASES))
    assert.ok(Object.getPrototypeOf(age[name]) === age[base], name);
});
