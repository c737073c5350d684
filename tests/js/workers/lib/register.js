/** For `node --import`: `age-rt-wasm` is the package with workers. */
import { register } from "node:module";

const wrapper = JSON.stringify(new URL("with-workers.js", import.meta.url).href);

register(
  `data:text/javascript,${encodeURIComponent(
    `export const resolve = (specifier, context, next) =>
       specifier === "age-rt-wasm" ? { url: ${wrapper}, shortCircuit: true } : next(specifier, context);`,
  )}`,
);
