/** The page: a button that runs all rows, and `runRow` for whoever drives the browser. */
import { init } from "age-rt-wasm";
import { HEAD, lines } from "./lib/table.js";
import { browserRows } from "./rows/index.js";

const rows = {
  "chunks-noble": () => import("./rows/chunks-noble.js"),
  "age-encrypt": () => import("./rows/age-encrypt.js"),
  "age-decrypt": () => import("./rows/age-decrypt.js"),
  "age-rt-libsodium": () => import("./rows/age-rt-libsodium.js"),
  armor: () => import("./rows/armor.js"),
  "scrypt-noble": () => import("./rows/scrypt-noble.js"),
  "scrypt-hash-wasm": () => import("./rows/scrypt-hash-wasm.js"),
  "short-streams": () => import("./rows/short-streams.js"),
  "closed-loop": () => import("./rows/closed-loop.js"),
  "fresh-array": () => import("./rows/fresh-array.js"),
};

globalThis.runRow = async (name, { quick }) => {
  await init();
  const { default: row } = await rows[name]();
  const { run, ...about } = row;
  return { ...about, result: await run({ quick }) };
};

const [start, status, table] = ["start", "status", "table"].map((id) =>
  document.getElementById(id),
);
start.addEventListener("click", async () => {
  start.disabled = true;
  table.textContent = `${HEAD}\n`;
  try {
    for (const name of browserRows) {
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
