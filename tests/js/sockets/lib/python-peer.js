/** The Python peer as a process of its own. */
import { spawn } from "node:child_process";
import { createInterface } from "node:readline";
import { fileURLToPath } from "node:url";
import { python } from "../../lib/repository.js";

/** @returns { url, close() } */
export async function pythonServer(script) {
  const child = spawn(python(), [fileURLToPath(script)], { stdio: ["ignore", "pipe", "inherit"] });
  const port = await new Promise((resolve, reject) => {
    createInterface({ input: child.stdout }).once("line", resolve);
    child.once("exit", (status) => reject(new Error(`${script} ended with ${status}`)));
  });
  return {
    port: Number(port),
    url: `ws://127.0.0.1:${port}/`,
    close: () => new Promise((resolve) => child.once("exit", resolve) && child.kill()),
  };
}
