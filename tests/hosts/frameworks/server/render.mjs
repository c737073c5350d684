import { AgeAutoDecryptStream, AgeEncryptStream, AgeRtEncryptStream } from "age-rt-wasm";
import * as age from "age-rt-wasm";
import { createElement, useMemo } from "react";
import { renderToString } from "react-dom/server";
import { job } from "./job.mjs";

/**
 * Makes its streams while it is rendered, as a component does that starts using them in an effect.
 */
function Upload() {
  const streams = useMemo(
    () => [
      new AgeEncryptStream("passphrase"),
      new AgeRtEncryptStream("passphrase"),
      new AgeAutoDecryptStream("passphrase"),
    ],
    [],
  );
  return createElement(
    "p",
    null,
    String(streams.every(({ readable, writable }) => !readable.locked && !writable.locked)),
  );
}

if (typeof document !== "undefined" || typeof window !== "undefined")
  throw new Error("there is a DOM here");
if (renderToString(createElement(Upload)) !== "<p>true</p>")
  throw new Error("the component was not rendered");
console.log(JSON.stringify(await job(age)));
