/** The examples' pages on a server, and Chromium, for all tests of a file or a group. */
import { after, before } from "node:test";
import { site } from "../../examples/site.mjs";
import { launch } from "../browser/engines.mjs";

/** @returns what is there once the tests begin: `browser`, and `origin` of the pages. */
export function examplePages() {
  const here = {};
  let server;
  before(async () => {
    server = await site();
    here.origin = `http://localhost:${server.address().port}`;
    here.browser = await launch("chromium");
  });
  after(async () => {
    await here.browser?.close();
    await new Promise((resolve) => server?.close(resolve).closeAllConnections());
  });
  return here;
}
