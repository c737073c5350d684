/**
 * The service worker's caches: each deployment on an origin keeps its own and clears only its own.
 */
import assert from "node:assert/strict";
import { join } from "node:path";
import { test } from "node:test";
import { build } from "esbuild";
import { root } from "../lib/repository.js";

const define = { FILES: "[]", LATER: "[]", VERSION: '"new"' };
const { outputFiles } = await build({
  entryPoints: [join(root, "www", "service-worker", "worker.ts")],
  bundle: true,
  format: "iife",
  write: false,
  logLevel: "error",
  define,
});

/** Installs and activates a worker on an origin with these caches. @returns what that leaves. */
async function activated(scope, names) {
  const listeners = {};
  const left = new Set(names);
  const caches = {
    open: async (name) => {
      left.add(name);
      return { addAll: async () => undefined };
    },
    keys: async () => [...left],
    delete: async (name) => left.delete(name),
  };
  const self = {
    registration: { scope },
    addEventListener: (name, listener) => (listeners[name] = listener),
  };
  new Function("self", "caches", outputFiles[0].text)(self, caches);
  for (const event of ["install", "activate"])
    await new Promise((resolve, reject) =>
      listeners[event]({ waitUntil: (done) => done.then(resolve, reject) }),
    );
  return [...left];
}

test("an older version's cache is deleted, those of other deployments and other pages stay", async () => {
  const [outer] = await activated("https://example.org/", []);
  const [inner] = await activated("https://example.org/page/", []);
  const others = [outer, "page-of-somebody-else"];
  assert.notEqual(outer, inner);
  const older = inner.replace("new", "old");
  assert.deepEqual(await activated("https://example.org/page/", [...others, older]), [
    ...others,
    inner,
  ]);
  assert.deepEqual(await activated("https://example.org/", [inner, outer]), [inner, outer]);
});
