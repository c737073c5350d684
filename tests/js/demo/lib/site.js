/** The built page on a server of its own, under a sub-path as on any shared host. */
import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../../../../js/tooling/serve.mjs";
import { root } from "../../lib/repository.js";

const PATH = "/a/b/";

/** @param lacking - a function that runs in the page before its own scripts, to take from the browser what others lack. */
export async function startSite({ lacking } = {}) {
  const dist = join(root, "www", "dist");
  if (!existsSync(join(dist, "index.html"))) throw new Error("www/dist is missing: run `npm run build`");
  const server = await serve({ [PATH]: dist }, { page: lacking && before(dist, lacking) });
  return {
    url: `http://localhost:${server.address().port}${PATH}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}

/** A script of the page's own origin: its policy allows no other. */
function before(dist, script) {
  const html = readFileSync(join(dist, "index.html"), "utf8").replace("<script", '<script src="lacking.js"></script><script');
  const answers = { [PATH]: ["text/html; charset=utf-8", html], [`${PATH}lacking.js`]: ["text/javascript", `(${script})();`] };
  return ({ pathname }, response) => {
    const answer = answers[pathname];
    if (answer) response.writeHead(200, { "Content-Type": answer[0] }).end(answer[1]);
    return answer !== undefined;
  };
}
