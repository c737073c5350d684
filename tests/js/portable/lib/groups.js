/** Tests in groups, whose name stands before theirs. */
import { test as register } from "../../harness.js";

let group = "";

export function describe(name, tests) {
  group = `${name}: `;
  try {
    tests();
  } finally {
    group = "";
  }
}

export function test(name, run) {
  register(group + name, run);
}
