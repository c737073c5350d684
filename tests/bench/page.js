/** The page: a button that runs all rows, and `runRow` for whoever drives the browser. */
import { init } from "age-rt-wasm";
import { HEAD, lines } from "./lib/table.js";
import { beforeRows, browserRows } from "./rows/index.js";

const rows = {
  "chunks-noble": () => import("./rows/chunks-noble.js"),
  "age-encrypt": () => import("./rows/age-encrypt.js"),
  "age-decrypt": () => import("./rows/age-decrypt.js"),
  "age-rt-libsodium": () => import("./rows/age-rt-libsodium.js"),
  armor: () => import("./rows/armor.js"),
  "scrypt-noble": () => import("./rows/scrypt-noble.js"),
  "scrypt-hash-wasm": () => import("./rows/scrypt-hash-wasm.js"),
  "scrypt-slices": () => import("./rows/scrypt-slices.js"),
  "scrypt-first-before": () => import("./rows/scrypt-first-before.js"),
  "scrypt-later-before": () => import("./rows/scrypt-later-before.js"),
  "scrypt-first-before-256": () => import("./rows/scrypt-first-before-256.js"),
  "scrypt-later-before-256": () => import("./rows/scrypt-later-before-256.js"),
  "scrypt-first-before-64": () => import("./rows/scrypt-first-before-64.js"),
  "short-streams": () => import("./rows/short-streams.js"),
  "closed-loop": () => import("./rows/closed-loop.js"),
  "fresh-array": () => import("./rows/fresh-array.js"),
  "workers-encrypt-before": () => import("./rows/workers-encrypt-before.js"),
  "workers-decrypt-before": () => import("./rows/workers-decrypt-before.js"),
  "workers-encrypt-typage": () => import("./rows/workers-encrypt-typage.js"),
  "workers-decrypt-typage": () => import("./rows/workers-decrypt-typage.js"),
  "workers-auto-encrypt": () => import("./rows/workers-auto-encrypt.js"),
  "workers-auto-decrypt": () => import("./rows/workers-auto-decrypt.js"),
  "blob-decrypt": () => import("./rows/blob-decrypt.js"),
  "workers-busy": () => import("./rows/workers-busy.js"),
};

globalThis.runRow = async (name, { quick, before: hasBefore = false }) => {
  await init();
  const before = hasBefore ? await import("age-rt-wasm-before") : undefined;
  await before?.init();
  const { default: row } = await rows[name]();
  const { run, ...about } = row;
  return { ...about, result: await run({ quick, before }) };
};

/** One side of a row whose every measurement has a page of its own. */
globalThis.runSide = async (name, side, { quick }) => {
  await init();
  const { default: row } = await rows[name]();
  return row.side(side, { quick });
};

const [start, status, table] = ["start", "status", "table"].map((id) =>
  document.getElementById(id),
);
start.addEventListener("click", async () => {
  start.disabled = true;
  table.textContent = `${HEAD}\n`;
  try {
    for (const name of browserRows) {
      // A click has this one page, and no earlier release.
      if (name === "scrypt-slices" || beforeRows.includes(name)) continue;
      status.textContent = `${name} …`;
      const { result, ...row } = await globalThis.runRow(name, { quick: false });
      table.textContent += `${lines(row, result)}\n`;
    }
    status.textContent = "done";
  } catch (error) {
    status.textContent = String(error);
  }
  start.disabled = false;
});
