import { spawn } from "node:child_process";
import { join } from "node:path";
import { after } from "node:test";
import { launch } from "../../js/browser/engines.mjs";
import { host } from "../judge.mjs";
import { environment, nodes, output } from "../programs.mjs";
import { consumer, project } from "../project.mjs";

const next = join(project("frameworks"), "node_modules", "next", "dist", "bin", "next");
const folder = consumer("frameworks", "next");
await output(nodes[24], [next, "build"], folder);
const server = spawn(nodes[24], [next, "start", "--port", "0"], {
  cwd: folder,
  env: environment,
  stdio: ["ignore", "pipe", "inherit"],
});
const origin = await new Promise((resolve, reject) => {
  let text = "";
  server
    .once("error", reject)
    .once("exit", (status) => reject(new Error(`next start ended with status ${status}`)));
  server.stdout.on("data", (piece) => {
    text += piece;
    const port = /http:\/\/localhost:(\d+)/.exec(text)?.[1];
    if (port) resolve(`http://localhost:${port}`);
  });
});
const browser = await launch("chromium");
const page = await browser.newPage();
const opened = page.goto(origin, { timeout: 300_000 });

after(async () => {
  await browser.close();
  server.kill();
});

host(220, "Next.js, page rendered on the server", () => shown("#server"));
host(221, "Next.js, client component", () => shown("#client"));
host(222, "Next.js, route handler", async () => (await fetch(`${origin}/job`)).json());
host(
  223,
  "Next.js, edge runtime",
  async () => (await fetch(`${origin}/edge`)).json(),
  "calling thread",
);

async function shown(selector) {
  await opened;
  const element = await page.waitForSelector(selector, { timeout: 300_000 });
  return JSON.parse(await element.evaluate(({ textContent }) => textContent));
}
