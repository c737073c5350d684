/** The built page on a server of its own, under a sub-path as on any shared host. */
import { existsSync, readFileSync } from "node:fs";
import { extname, join } from "node:path";
import { gzipSync } from "node:zlib";
import { serve } from "../../../../js/tooling/lib/serve.mjs";
import { root } from "../../lib/repository.js";

const PATH = "/a/b/";
/** The page in a frame, which can be narrower than a window. */
const FRAMED = "/framed";
const dist = join(root, "www", "dist");

/**
 * @param lacking - a function that runs in the page before its own scripts, to take from the
 * browser what others lack.
 * @param missing - matches the addresses of files that the server does not have.
 * @param headers - sent with every answer.
 * @param compressing - sends text compressed, as hosts of static pages do.
 * @param onAnswer - called with the file's path and the status of each answer.
 */
export async function startSite({ lacking, missing, headers, compressing, onAnswer } = {}) {
  if (!existsSync(join(dist, "index.html")))
    throw new Error("www/dist is missing: run `npm run build`");
  const answer = lacking ? before(lacking) : compressing && compressed;
  const server = await serve(
    { [PATH]: dist },
    {
      headers,
      page(url, response) {
        response.once("finish", () =>
          onAnswer?.(
            join(dist, url.pathname.slice(PATH.length) || "index.html"),
            response.statusCode,
          ),
        );
        if (url.pathname === FRAMED)
          return response
            .writeHead(200, { "Content-Type": "text/html; charset=utf-8" })
            .end(`<!doctype html><body style="margin: 0"><iframe src="${PATH}"></iframe></body>`);
        if (missing?.test(url.pathname)) return response.writeHead(404).end();
        return answer?.(url, response);
      },
    },
  );
  return {
    url: `http://localhost:${server.address().port}${PATH}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

const TEXTS = {
  ".html": "text/html; charset=utf-8",
  ".css": "text/css",
  ".js": "text/javascript",
  ".svg": "image/svg+xml",
};

function compressed({ pathname }, response) {
  const path = join(dist, pathname.slice(PATH.length) || "index.html");
  const type = TEXTS[extname(path)];
  const taken = /\bgzip\b/.test(response.req.headers["accept-encoding"]);
  if (!type || !taken || !existsSync(path)) return false;
  response
    .writeHead(200, { "Content-Type": type, "Content-Encoding": "gzip" })
    .end(gzipSync(readFileSync(path)));
  return true;
}

/** A script of the page's own origin: its policy allows no other. */
function before(script) {
  const html = readFileSync(join(dist, "index.html"), "utf8").replace(
    "<script",
    '<script src="lacking.js"></script><script',
  );
  const answers = {
    [PATH]: ["text/html; charset=utf-8", html],
    [`${PATH}lacking.js`]: ["text/javascript", `(${script})();`],
  };
  return ({ pathname }, response) => {
    const answer = answers[pathname];
    if (answer) response.writeHead(200, { "Content-Type": answer[0] }).end(answer[1]);
    return answer !== undefined;
  };
}
