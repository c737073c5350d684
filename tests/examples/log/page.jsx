/** A live log in React: `esbuild page.jsx --bundle --format=esm --jsx=automatic --outfile=page.js`. */
import { StrictMode, useEffect, useState } from "react";
import { createRoot } from "react-dom/client";
import { AgeRtDecryptStream, fromWebSocket, messages } from "age-rt-wasm";

/** The lines so far; whether the key is there; and how it ended, if it has. */
function useLiveLog(url, passphrase) {
  const [log, setLog] = useState({ lines: [], state: "Deriving the key" });
  useEffect(() => {
    // Strict mode runs an effect, its clean-up, and the effect again: socket and stream are made anew each time.
    const controller = new AbortController();
    const { signal } = controller;
    const update = (change) => signal.aborted || setLog(change);
    async function follow() {
      setLog({ lines: [], state: "Deriving the key" });
      const socket = fromWebSocket(new WebSocket(url), { signal });
      const decrypting = new AgeRtDecryptStream(passphrase, { signal, maxWorkFactor: 18 });
      decrypting.opened.then(
        () => update((last) => ({ ...last, state: "Live" })),
        () => undefined,
      );
      for await (const message of messages(socket.readable.pipeThrough(decrypting))) {
        const line = new TextDecoder().decode(message);
        update(({ lines, state }) => ({ state, lines: [...lines, line] }));
      }
      update((last) => ({ ...last, state: "The log has ended" }));
    }
    follow().catch((error) => update((last) => ({ ...last, state: said(error) })));
    // Leaving the page is no failure: the peer is closed with 1000.
    return () => controller.abort({ closeCode: 1000 });
  }, [url, passphrase]);
  return log;
}

function said(error) {
  if (error.code === "wrong-passphrase") return "Wrong passphrase";
  return `Cut short: ${error.code ?? error.message}`;
}

function Log({ url, passphrase }) {
  const { lines, state } = useLiveLog(url, passphrase);
  return (
    <>
      <p role="status" id="status">
        {state}
      </p>
      <ol id="lines">
        {lines.map((line, i) => (
          <li key={i}>{line}</li>
        ))}
      </ol>
    </>
  );
}

const { server, passphrase } = Object.fromEntries(new URLSearchParams(location.hash.slice(1)));
createRoot(document.querySelector("#app")).render(
  <StrictMode>
    <Log url={server} passphrase={passphrase} />
  </StrictMode>,
);
