/** The bundlers as their users start them: from the command line, without a configuration. */
import { spawn } from "node:child_process";
import { cpSync, readFileSync } from "node:fs";
import { join } from "node:path";

/**
 * What bundles the scripts `entries` of a page, and the page itself where it needs no page of its
 * own. The result is in dist.
 */
export const BUNDLERS = {
  Vite: { program: "vite", args: () => ["build"], bundlesPage: true },
  "webpack 5": {
    program: "webpack-cli",
    args: ([main]) => ["--mode", "production", "--entry", main],
    bundlesPage: false,
  },
  Rollup: {
    program: "rollup",
    args: (entries) => [...entries, "--plugin", "node-resolve", "--dir", "dist", "--format", "es"],
    bundlesPage: false,
  },
  esbuild: {
    program: "esbuild",
    args: (entries) => [...entries, "--bundle", "--format=esm", "--outdir=dist"],
    bundlesPage: false,
  },
  Parcel: {
    program: "parcel",
    args: () => ["build", "index.html", "--no-cache", "--dist-dir", "dist"],
    bundlesPage: true,
  },
};

/** Bundles the project in the folder. @returns the folder of what came out */
export async function bundle({ program, args, bundlesPage }, folder, entries) {
  const child = spawn(process.execPath, [bin(folder, program), ...args(entries)], {
    cwd: folder,
    env: withoutTests(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = heard(child);
  const status = await new Promise((resolve, reject) =>
    child.on("error", reject).on("close", resolve),
  );
  if (status !== 0) throw new Error(`${program} ended with status ${status}:\n${text()}`);
  const dist = join(folder, "dist");
  if (!bundlesPage) cpSync(join(folder, "index.html"), join(dist, "index.html"));
  return dist;
}

/** Vite's development server. @returns { url, close() } */
export async function viteServer(folder) {
  const child = spawn(process.execPath, [bin(folder, "vite"), "--port", "0"], {
    cwd: folder,
    env: withoutTests(),
    stdio: ["ignore", "pipe", "pipe"],
  });
  const text = heard(child);
  const url = await new Promise((resolve, reject) => {
    child.on("error", reject).on("close", () => reject(new Error(`vite ended:\n${text()}`)));
    child.stdout.on("data", () => {
      const address = /http:\/\/localhost:\d+\//.exec(text());
      if (address) resolve(address[0]);
    });
  });
  return {
    url,
    close: () => {
      child.kill();
      return new Promise((resolve) =>
        child.exitCode === null && child.signalCode === null
          ? child.once("close", resolve)
          : resolve(),
      );
    },
  };
}

/** The program of a package that is installed beside the folder. */
function bin(folder, name) {
  const home = join(folder, "..", "node_modules", name);
  const { bin: programs } = JSON.parse(readFileSync(join(home, "package.json"), "utf8"));
  return join(home, typeof programs === "string" ? programs : programs[name]);
}

/**
 * The test runner's variables are for its own children. Colours would be in the text that is
 * searched.
 */
function withoutTests() {
  const { NODE_TEST_CONTEXT, NODE_OPTIONS, ...env } = process.env;
  return { ...env, NO_COLOR: "1" };
}

function heard(child) {
  let text = "";
  for (const stream of [child.stdout, child.stderr])
    stream.setEncoding("utf8").on("data", (piece) => (text += piece));
  return () => text;
}
