/** WebKitGTK's own small browser, through its WebDriver, on a screen that nobody sees. */
import { spawn } from "node:child_process";
import { EventEmitter } from "node:events";
import { existsSync, readdirSync } from "node:fs";
import { createServer } from "node:net";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { Builder, Capabilities } from "selenium-webdriver";
import { which } from "../../../js/tooling/lib/run.mjs";

const SCRIPT_TIMEOUT_MS = 600_000;

/** A browser with `newPage()` and `close()`. Throws if it is not installed. */
export async function launchWebKit() {
  const [driver, screen, binary] = [which("WebKitWebDriver"), which("Xvfb"), miniBrowser()];
  if (!driver || !screen || !binary)
    throw new Error(
      "webkit is not installed: it takes WebKitWebDriver, WebKitGTK's MiniBrowser and Xvfb",
    );
  const { child: xvfb, display } = await startScreen(screen);
  const port = await freePort();
  const webDriver = spawn(driver, [`--port=${port}`], {
    env: { ...process.env, DISPLAY: display },
    stdio: "ignore",
  });
  const end = () => {
    webDriver.kill();
    xvfb.kill();
  };
  process.once("exit", end);
  try {
    const session = await connect(`http://127.0.0.1:${port}`, binary);
    await session.manage().setTimeouts({ script: SCRIPT_TIMEOUT_MS, pageLoad: 60_000 });
    const first = await session.getWindowHandle();
    const turns = new Turns();
    return {
      session,
      newPage: () =>
        turns.take(async () => {
          await session.switchTo().window(first);
          await session.switchTo().newWindow("window");
          return new WebKitPage(session, await session.getWindowHandle(), turns);
        }),
      async close() {
        await session.quit();
        process.off("exit", end);
        end();
      },
    };
  } catch (error) {
    end();
    throw error;
  }
}

/** As much of puppeteer's page as the tests of all engines use. */
class WebKitPage extends EventEmitter {
  #session;
  #handle;
  #turns;
  #isFramed = false;

  constructor(session, handle, turns) {
    super();
    this.#session = session;
    this.#handle = handle;
    this.#turns = turns;
  }

  goto(url) {
    this.#isFramed = false;
    return this.#turn(async () => {
      await this.#session.get(url);
      await this.#listen();
    });
  }

  /** Until the next address the page is what is in its first frame. */
  enterFrame() {
    this.#isFramed = true;
    return this.#turn(() => this.#listen());
  }

  /** WebDriver tells nothing of the console: the page itself has to. */
  #listen() {
    return this.#session.executeScript(function () {
      const complaints = (window.complaintsForTheTest = []);
      window.addEventListener("error", ({ message }) => complaints.push(message));
      // Last of all listeners: one of the page's own may have dealt with it.
      window.addEventListener("unhandledrejection", (event) =>
        setTimeout(
          () =>
            event.defaultPrevented ||
            complaints.push(`unhandled rejection: ${String(event.reason)}`),
        ),
      );
      document.addEventListener("securitypolicyviolation", ({ violatedDirective, blockedURI }) =>
        complaints.push(`${violatedDirective} forbids ${blockedURI}`),
      );
    });
  }

  /** Runs a function in the page and resolves to what it resolves to there. */
  evaluate(body, ...args) {
    return this.#turn(async () => {
      const answer = await this.#session.executeAsyncScript(
        `const done = arguments[arguments.length - 1];
         const told = (error) => done({ error: String(error?.stack ? error + "\\n" + error.stack : error) });
         Promise.resolve().then(() => (${body})(...arguments[0])).then((value) => done({ value, complaints: window.complaintsForTheTest?.splice(0) }), told);`,
        args,
      );
      if (answer.error !== undefined) throw new Error(answer.error);
      for (const complaint of answer.complaints ?? []) this.emit("pageerror", complaint);
      return answer.value ?? undefined;
    });
  }

  close() {
    return this.#turn(() => this.#session.close());
  }

  #turn(task) {
    return this.#turns.take(async () => {
      await this.#session.switchTo().window(this.#handle);
      if (this.#isFramed) await this.#session.switchTo().frame(0);
      return task();
    });
  }
}

/** One thing at a time: the session has one current window. */
class Turns {
  #last = Promise.resolve();

  take(task) {
    const turn = this.#last.then(task);
    this.#last = turn.catch(() => undefined);
    return turn;
  }
}

/** Distributions keep it out of PATH. */
function miniBrowser() {
  const places = [
    "/usr/libexec",
    "/usr/lib64",
    ...readdirSync("/usr/lib").map((name) => join("/usr/lib", name)),
  ];
  return places
    .map((place) => join(place, "webkit2gtk-4.1", "MiniBrowser"))
    .find((path) => existsSync(path));
}

function startScreen(program) {
  const child = spawn(
    program,
    ["-displayfd", "3", "-screen", "0", "1280x1024x24", "-nolisten", "tcp"],
    { stdio: ["ignore", "ignore", "ignore", "pipe"] },
  );
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (status) => reject(new Error(`Xvfb ended with status ${status}`)));
    child.stdio[3].once("data", (number) =>
      resolve({ child, display: `:${String(number).trim()}` }),
    );
  });
}

function freePort() {
  return new Promise((resolve, reject) => {
    const server = createServer().once("error", reject);
    server.listen(0, "127.0.0.1", () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

async function connect(server, binary) {
  const capabilities = new Capabilities({
    browserName: "MiniBrowser",
    "webkitgtk:browserOptions": { binary, args: ["--automation"] },
  });
  for (let attempt = 1; ; attempt++) {
    try {
      return await new Builder().usingServer(server).withCapabilities(capabilities).build();
    } catch (error) {
      // The driver takes a moment until it listens.
      if (attempt === 50) throw error;
      await sleep(200);
    }
  }
}
