/**
 * A person at the page: chooses, types, clicks, waits, and finds the result among the browser's
 * downloads.
 */
import { mkdtemp, readdir, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { launch } from "../../browser/engines.mjs";

/** What a browser without the native dialogs is like: headless, nobody can answer them. */
export function withoutSavePicker() {
  for (const name of ["showSaveFilePicker", "showDirectoryPicker"]) {
    delete Window.prototype[name];
    delete window[name];
  }
}

export class Visitor {
  /** How long anything may take before it counts as stuck, in milliseconds. */
  static patience = Number(process.env.PATIENCE_MS ?? 120_000);
  /**
   * Everything that a clean visit does not have: errors on the console, violated policies, requests
   * elsewhere.
   */
  complaints = [];
  /** How often the page asked before it was left; the person always goes. */
  questions = 0;
  downloads;
  page;
  #chromium;
  #events;

  /**
   * @param url - the page's address.
   * @param before - functions that run in the page before its own scripts, to take from the browser
   * what others lack.
   */
  static async arrive(url, ...before) {
    const visitor = new Visitor();
    visitor.#chromium = await launch("chromium");
    visitor.downloads = await mkdtemp(join(tmpdir(), "age-rt-wasm-downloads-"));
    visitor.#events = await visitor.#chromium.browser.target().createCDPSession();
    await visitor.#events.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: visitor.downloads,
      eventsEnabled: true,
    });
    visitor.page = await visitor.#chromium.newPage();
    visitor.page.setDefaultTimeout(Visitor.patience);
    visitor.#listen(new URL(url).origin);
    for (const script of before) await visitor.page.evaluateOnNewDocument(script);
    await visitor.page.goto(url, { waitUntil: "networkidle0" });
    return visitor;
  }

  /** The browser's process. */
  get pid() {
    return this.#chromium.browser.process().pid;
  }

  async leave() {
    await this.#chromium.close();
    await rm(this.downloads, { recursive: true, force: true });
  }

  #listen(origin) {
    const complain = (text) => this.complaints.push(text);
    this.page.on("console", (message) => {
      if (message.type() === "error" || message.type() === "warn") complain(message.text());
    });
    this.page.on("dialog", (dialog) => {
      this.questions += 1;
      void dialog.accept();
    });
    this.page.on("pageerror", (error) => complain(String(error)));
    this.page.on("request", (request) => {
      const { protocol, origin: own } = new URL(request.url());
      if (own !== origin && protocol !== "data:") complain(`request to ${request.url()}`);
    });
  }

  /** Instead of what was chosen before. */
  async choose(...paths) {
    await this.page.evaluate(() => document.querySelector("#remove-all")?.click());
    await this.add(...paths);
  }

  /** To what was chosen before. */
  async add(...paths) {
    const known = await this.chosen();
    const input = await this.page.waitForSelector("#file");
    await input.uploadFile(...paths);
    await this.page.waitForFunction(
      (before) => document.querySelector("#drop").innerText !== before,
      {},
      known,
    );
  }

  /** What the page lists of what was chosen. */
  chosen() {
    return this.page.$eval("#drop", (drop) => drop.innerText);
  }

  /** Drags it in from outside and lets go at the very edge of the page. */
  async drop(path) {
    const session = await this.page.createCDPSession();
    const data = { items: [], files: [path], dragOperationsMask: 1 };
    for (const type of ["dragEnter", "dragOver", "drop"])
      await session.send("Input.dispatchDragEvent", { type, x: 5, y: 5, data });
    await session.detach();
  }

  /** Types as a person does: into the field, and once more where the page asks for it. */
  async type(passphrase, again = passphrase) {
    const fields = await this.page.$$("[role=tabpanel]:not([hidden]) .passphrase input");
    for (const [i, text] of [passphrase, again].entries()) {
      const field = fields[i];
      if (!(await field.isVisible())) continue;
      await field.evaluate((input) => (input.value = ""));
      await field.type(text);
    }
  }

  async chooseFormat(format) {
    await this.page.$eval("#options", (options) => (options.open = true));
    await this.click(`#format-${format}`);
  }

  async paste(selector, text) {
    await this.page.$eval(selector, (field) => (field.value = ""));
    await this.page.focus(selector);
    await this.page.keyboard.sendCharacter(text);
  }

  click(selector) {
    return this.page.click(selector);
  }

  /**
   * By the keyboard: what is said of the passphrase comes when it is known, and moves the button
   * away from under a mouse that is on its way.
   */
  async submit() {
    await this.page.focus("#file-submit");
    await this.page.keyboard.press("Enter");
  }

  /** Waits until the page says that it is done. @returns what it says. */
  async done() {
    await this.page.waitForSelector("#finished:not([hidden]), #failure:not([hidden])", {
      timeout: Visitor.patience,
    });
    const failure = await this.text("#failure");
    if (failure) throw new Error(`The page says: ${failure}`);
    return this.text("#finished-title");
  }

  /** Waits until the page says that it failed. @returns what it says. */
  async failure() {
    await this.page.waitForSelector("#failure:not([hidden])", { timeout: Visitor.patience });
    return this.text("#failure");
  }

  /** Waits until the page says how good the passphrase is. @returns what it says. */
  async strength() {
    const hint = await this.page.waitForSelector(
      "[role=tabpanel]:not([hidden]) .strength:not(:empty)",
      { timeout: Visitor.patience },
    );
    return hint.evaluate((element) => element.innerText);
  }

  text(selector) {
    return this.page.$eval(selector, (element) =>
      element.checkVisibility() ? element.innerText : "",
    );
  }

  /** Does `action`, waits for the download that comes of it. @returns the path of the file. */
  async download(action) {
    let timer;
    const states = [];
    const ended = new Promise((resolve, reject) => {
      timer = setTimeout(async () => {
        const said = await Promise.all(
          ["#progress-bytes", "#finished-title", "#failure"].map((selector) =>
            this.text(selector).catch(String),
          ),
        );
        reject(
          new Error(
            `no download came to its end; the browser told of ${states.length}, the last ${states.slice(-3)}, the page says ${JSON.stringify(said)}`,
          ),
        );
      }, Visitor.patience);
      const listener = ({ state, receivedBytes, totalBytes }) => {
        states.push(`${state} ${receivedBytes}/${totalBytes}`);
        if (state === "inProgress") return;
        this.#events.off("Browser.downloadProgress", listener);
        if (state === "completed") resolve();
        else reject(new Error(`the download was ${state}`));
      };
      this.#events.on("Browser.downloadProgress", listener);
    });
    const before = new Set(await readdir(this.downloads));
    await Promise.all([ended, action()]).finally(() => clearTimeout(timer));
    const [name] = (await readdir(this.downloads)).filter((file) => !before.has(file));
    return join(this.downloads, name);
  }
}
