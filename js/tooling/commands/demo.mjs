/** Builds everything and serves the demo page. */
import { join } from "node:path";
import { build } from "../build/build.mjs";
import { Failure, main, root } from "../lib/run.mjs";
import { serve } from "../lib/serve.mjs";

main(async () => {
  await build();
  const port = Number(process.env.PORT ?? 8080);
  try {
    await serve({ "/": join(root, "www", "dist") }, { port });
  } catch (error) {
    throw new Failure(
      error.code === "EADDRINUSE"
        ? `Port ${port} is in use: choose another with PORT=…`
        : String(error),
    );
  }
  console.log(`\nThe demo page is at http://localhost:${port} (Ctrl-C ends it)`);
});
