/** A real nginx before a server, on a free port of this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { nginxProgram } from "../../../../js/tooling/lib/setup.mjs";
import { until } from "../../lib/wait.js";

const LIMIT_MS = 60_000;

/**
 * @param target - `host:port` of the server behind it
 * @param directives - what its `location /` says besides `proxy_pass`
 * @returns { host, close() }
 */
export async function nginx(target, directives = "") {
  // Whoever else asks for a free port may be given the one that nginx is about to take.
  for (let tries = 1; ; tries += 1) {
    try {
      return await started(target, directives);
    } catch (error) {
      if (tries === 20 || !/Address already in use/.test(error.message)) throw error;
    }
  }
}

async function started(target, directives) {
  const folder = mkdtempSync(join(tmpdir(), "age-rt-wasm-nginx-"));
  const port = await freePort();
  const user = process.getuid() === 0 ? "user root;" : "";
  const places = ["client_body", "proxy", "fastcgi", "uwsgi", "scgi"]
    .map((name) => `${name}_temp_path ${join(folder, name)};`)
    .join("\n  ");
  writeFileSync(
    join(folder, "nginx.conf"),
    `daemon off; master_process off; pid ${join(folder, "pid")}; ${user}
events {}
http {
  access_log off;
  ${places}
  server {
    listen 127.0.0.1:${port};
    location / {
      proxy_pass http://${target};
      ${directives}
    }
  }
}
`,
  );
  const args = ["-p", folder, "-c", join(folder, "nginx.conf"), "-e", "stderr"];
  const child = spawn(nginxProgram(), args, { stdio: ["ignore", "ignore", "pipe"] });
  let said = "";
  child.stderr.on("data", (piece) => (said += piece));
  const ended = once(child, "exit");
  async function close() {
    child.kill();
    await ended;
    rmSync(folder, { recursive: true, force: true });
  }
  // Written once it listens. Another server on this port would answer, too.
  await until(() => existsSync(join(folder, "pid")) || child.exitCode !== null, LIMIT_MS);
  if (child.exitCode !== null) {
    await close();
    throw new Error(`nginx did not start: ${said}`);
  }
  return { host: `127.0.0.1:${port}`, close };
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
