/** A real nginx before a server, on a free port of this machine. */
import { spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { connect, createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { nginxProgram } from "../../../../js/tooling/lib/setup.mjs";

/**
 * @param target - `host:port` of the server behind it
 * @param directives - what its `location /` says besides `proxy_pass`
 * @returns { host, close() }
 */
export async function nginx(target, directives = "") {
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
  for (let tries = 0; !(await listens(port)); tries += 1) {
    if (child.exitCode !== null || tries === 200) throw new Error(`nginx did not start: ${said}`);
    await sleep(50);
  }
  return {
    host: `127.0.0.1:${port}`,
    async close() {
      child.kill();
      await ended;
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

function listens(port) {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1");
    socket.once("connect", () => resolve(true) || socket.destroy());
    socket.once("error", () => resolve(false));
  });
}

async function freePort() {
  const server = createServer().listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address();
  server.close();
  await once(server, "close");
  return port;
}
