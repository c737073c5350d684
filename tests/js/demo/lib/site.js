/** The built page on a server of its own, under a sub-path as on any shared host. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { serve } from "../../../../js/tooling/serve.mjs";
import { root } from "../../lib/repository.js";

const PATH = "/a/b/";

export async function startSite() {
  const dist = join(root, "www", "dist");
  if (!existsSync(join(dist, "index.html"))) throw new Error("www/dist is missing: run `npm run build`");
  const server = await serve({ [PATH]: dist });
  return {
    url: `http://localhost:${server.address().port}${PATH}`,
    close() {
      server.closeAllConnections();
      return new Promise((resolve) => server.close(resolve));
    },
  };
}
