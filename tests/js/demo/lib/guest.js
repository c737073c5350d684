/** A person at the page in any of the engines: what all of their drivers can do, and no more. */
import { mkdirSync, writeFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import { By } from "selenium-webdriver";
import { launch } from "../../browser/engines.mjs";
import { useTheme } from "./theme.js";

export class Guest {
  /** How long anything may take before it counts as stuck, in milliseconds. */
  static patience = Number(process.env.PATIENCE_MS ?? 120_000);
  downloads;
  browser;
  page;
  /** Errors of the page's scripts and, where the driver tells them, violated policies. */
  complaints = [];
  #home;

  /** @param options - as `launch` takes them. */
  static async arrive(engine, url, options = {}) {
    const guest = engine === "webkit" ? new WebDriverGuest() : new Guest();
    guest.#home = await mkdtemp(join(tmpdir(), "age-rt-wasm-guest-"));
    guest.downloads = join(guest.#home, "downloads");
    mkdirSync(guest.downloads);
    await guest.start(engine, guest.#home, options);
    guest.page = await guest.browser.newPage();
    guest.page.on("pageerror", (error) => guest.complaints.push(String(error)));
    guest.page.on(
      "console",
      (message) => message.type() === "error" && guest.complaints.push(message.text()),
    );
    // The page may ask before it is left; who is at it always goes.
    guest.page.on("dialog", (dialog) => void dialog.accept().catch(() => undefined));
    await guest.prepare();
    await guest.page.goto(url);
    await guest.wait(() => document.readyState === "complete");
    return guest;
  }

  async start(engine, _, { flags, preferences } = {}) {
    this.browser = await launch(engine, {
      flags,
      preferences: {
        ...preferences,
        "browser.download.folderList": 2,
        "browser.download.dir": this.downloads,
        "browser.download.alwaysOpenPanel": false,
      },
    });
    this.engine = engine;
  }

  async prepare() {
    if (this.engine !== "chromium") return;
    const session = await this.browser.browser.target().createCDPSession();
    await session.send("Browser.setDownloadBehavior", {
      behavior: "allow",
      downloadPath: this.downloads,
    });
  }

  async leave() {
    await this.browser?.close();
    await rm(this.#home, { recursive: true, force: true, maxRetries: 5 });
  }

  async choose(path) {
    const input = await this.page.$("#file");
    await input.uploadFile(path);
  }

  click(selector) {
    return this.page.click(selector);
  }

  type(selector, text) {
    return this.page.type(selector, text);
  }

  /**
   * Reloads the page, and brings it into a state of states.js.
   *
   * @returns "absent" where the engine has no such state.
   */
  async reach(url, state, prepare, files) {
    await this.page.goto("about:blank");
    await this.page.goto(url);
    return this.arrange(state, prepare, files);
  }

  async arrange(state, prepare, files) {
    await this.wait(() => document.querySelector("#tool")?.inert === false);
    await this.page.evaluate(prepare, files);
    return this.page.evaluate(state);
  }

  /** Light or dark. */
  theme(theme) {
    return this.page.evaluate(useTheme, theme);
  }

  /** The page's own width and height, in CSS pixels. */
  resize(width, height) {
    return this.page.setViewport({ width, height });
  }

  /** The whole page, beyond what is in the window. */
  picture(path) {
    return this.page.screenshot({ path, fullPage: true });
  }

  /** Waits until it is so in the page. */
  async wait(condition, ...args) {
    const end = Date.now() + Guest.patience;
    while (!(await this.page.evaluate(condition, ...args))) {
      if (Date.now() > end)
        throw new Error(
          `not so in the page: ${condition} ${args.join()}; it says: ${await this.page.evaluate(() => document.body.innerText)}`,
        );
      await sleep(100);
    }
  }

  /**
   * Encrypts or decrypts, whichever the page proposes.
   *
   * @returns the path of the saved file, which has this name and size.
   */
  async run(path, passphrase, name, size) {
    await this.choose(path);
    await this.wait(() => document.querySelector("#drop").classList.contains("filled"));
    const fields = await this.page.evaluate(() =>
      Array.from(document.querySelectorAll("#files .passphrase input"), (input) =>
        input.checkVisibility() ? `#${input.id}` : "",
      ),
    );
    for (const field of fields.filter(Boolean)) await this.type(field, passphrase);
    await this.click("#file-submit");
    await this.wait(() =>
      [...document.querySelectorAll("#finished, #failure")].some((element) => !element.hidden),
    );
    const failure = await this.page.evaluate(() =>
      document.querySelector("#failure").hidden ? "" : document.querySelector("#failure").innerText,
    );
    if (failure) throw new Error(`The page says: ${failure}`);
    const saved = await this.saved(name, size);
    await this.click("#again");
    return saved;
  }

  /** Waits for a download of this name and size. @returns its path. */
  async saved(name, size) {
    const path = join(this.downloads, name);
    await arrived(path, size);
    return path;
  }
}

/** WebKitGTK: a browser of its own with no more to tell than WebDriver asks for. */
class WebDriverGuest extends Guest {
  async start(engine, home) {
    writeFileSync(join(home, "user-dirs.dirs"), `XDG_DOWNLOAD_DIR="${this.downloads}"\n`);
    const before = process.env.XDG_CONFIG_HOME;
    process.env.XDG_CONFIG_HOME = home;
    try {
      this.browser = await launch(engine);
    } finally {
      if (before === undefined) delete process.env.XDG_CONFIG_HOME;
      else process.env.XDG_CONFIG_HOME = before;
    }
  }

  async prepare() {}

  async choose(path) {
    await this.#element("#file").sendKeys(path);
  }

  async click(selector) {
    await this.#element(selector).click();
  }

  async type(selector, text) {
    await this.#element(selector).sendKeys(text);
  }

  /** Its window cannot be made as narrow as a phone: there the page is in a frame, which can be. */
  async reach(url, state, prepare, files) {
    await this.page.goto("about:blank");
    await this.page.goto(new URL("/framed", url).href);
    await this.page.enterFrame();
    return this.arrange(state, prepare, files);
  }

  resize(width, height) {
    return this.page.evaluate(
      (width, height) => {
        const { style } = window.frameElement;
        Object.assign(style, { border: 0, display: "block" });
        Object.assign(style, { width: `${width}px`, height: `${height}px` });
      },
      width,
      height,
    );
  }

  /** The window has more than the page. */
  async #resizeWindow(width, height) {
    const window = this.browser.session.manage().window();
    const inner = await this.page.evaluate(() => [parent.innerWidth, parent.innerHeight]);
    const outer = await window.getRect();
    await window.setRect({
      x: 0,
      y: 0,
      width: outer.width + width - inner[0],
      height: outer.height + height - inner[1],
    });
    await this.wait(
      (wanted, high) => parent.innerWidth === wanted && parent.innerHeight >= high,
      width,
      height,
    );
    // Where the page was scrolled to, and what was drawn of it, are the smaller window's.
    await this.page.evaluate(async () => {
      parent.scrollTo(0, 0);
      scrollTo(0, 0);
      for (let frames = 0; frames < 3; frames += 1)
        await new Promise((drawn) => parent.requestAnimationFrame(drawn));
    });
  }

  /** The driver takes of the frame what is in the window: that becomes as high as the page. */
  async picture(path) {
    const [width, height, whole] = await this.page.evaluate(() => [
      innerWidth,
      innerHeight,
      document.documentElement.scrollHeight,
    ]);
    const high = Math.max(height, whole);
    await this.resize(width, high);
    await this.#resizeWindow(Math.max(width, 1280), high);
    writeFileSync(path, await this.browser.session.takeScreenshot(), "base64");
    await this.resize(width, height);
  }

  #element(selector) {
    return this.browser.session.findElement(By.css(selector));
  }
}

/**
 * Browsers write a download under another name first, or in pieces: it is there once it has its
 * size.
 */
async function arrived(path, size) {
  const end = Date.now() + Guest.patience;
  for (;;) {
    const found = await stat(path).catch(() => undefined);
    if (found?.size === size) return;
    if (Date.now() > end)
      throw new Error(`${path} has ${found?.size ?? "no"} bytes, and not ${size}`);
    await sleep(100);
  }
}
