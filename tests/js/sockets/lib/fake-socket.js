/** A socket that does what a test says, for what no real peer can be made to do. */
export class FakeSocket {
  readyState;
  binaryType = "blob";
  bufferedAmount = 0;
  sent = [];
  /** What close() was called with. */
  closes = [];
  #listeners = new Map();
  #codes;

  /** @param codes - "page" allows what a browser lets a page close with, "any" what ws allows. */
  constructor({ readyState = 1, codes = "any" } = {}) {
    this.readyState = readyState;
    this.#codes = codes;
  }

  addEventListener(type, listener) {
    if (!this.#listeners.has(type)) this.#listeners.set(type, new Set());
    this.#listeners.get(type).add(listener);
  }

  removeEventListener(type, listener) {
    this.#listeners.get(type)?.delete(listener);
  }

  get listeners() {
    return [...this.#listeners.values()].reduce((sum, { size }) => sum + size, 0);
  }

  send(bytes) {
    if (this.readyState !== 1) throw new Error("not open");
    this.sent.push(bytes.slice());
  }

  close(code, reason) {
    const allowed =
      code === undefined ||
      code === 1000 ||
      (code >= 3000 && code <= 4999) ||
      (this.#codes === "any" && code > 1000 && code < 1015 && ![1004, 1005, 1006].includes(code));
    if (!allowed) throw new DOMException("this code is not for pages", "InvalidAccessError");
    if (new TextEncoder().encode(reason ?? "").length > 123)
      throw new DOMException("the reason is too long", "SyntaxError");
    this.closes.push([code, reason ?? ""]);
    this.readyState = 2;
  }

  emit(type, event = {}) {
    for (const listener of [...(this.#listeners.get(type) ?? [])]) listener({ type, ...event });
  }

  open() {
    this.readyState = 1;
    this.emit("open");
  }

  receive(bytes) {
    this.emit("message", {
      data: typeof bytes === "string" ? bytes : Uint8Array.from(bytes).buffer,
    });
  }

  /** The close event. */
  closed({ code = 1000, reason = "", wasClean = true } = {}) {
    this.readyState = 3;
    this.emit("close", { code, reason, wasClean });
  }
}

/** One that can hold messages back, as the npm package ws can. */
export class PausableSocket extends FakeSocket {
  paused = false;

  pause() {
    this.paused = true;
  }

  resume() {
    this.paused = false;
  }
}
