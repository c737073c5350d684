/**
 * Every state that the page shows, and how a person comes there from the fresh page. All steps are
 * taken in the page itself, so that they are the same in each engine: files are made there, and
 * nobody has to answer a dialog.
 */
import { crc32, deflateSync } from "node:zlib";
import { encrypt } from "age-rt-wasm";
import { generateIdentity, identityFile, recipient, recipientOf } from "age-rt-wasm/recipients";
import { load } from "./source.js";

const PASSPHRASE = "a passphrase";
const QUICK = { workFactor: 1 };
/** A header that asks for this much work; nothing in it is right. */
const header = (workFactor) =>
  `age-encryption.org/v1\n-> scrypt ${"A".repeat(22)} ${workFactor}\n${"A".repeat(43)}\n--- ${"A".repeat(43)}\n`;

/** What a passkey makes of a file key, as far as can be told from outside. */
const PASSKEY = {
  wrapFileKey: async () => [
    { args: ["age-encryption.org/fido2prf", "A".repeat(22)], body: new Uint8Array(32) },
  ],
};

/** @returns what the states' files hold, as `prepare` wants it. */
export async function contents() {
  const encrypted = await encrypt(new Uint8Array(100_000), PASSPHRASE, QUICK);
  const damaged = encrypted.slice();
  damaged[90_000] ^= 1;
  // Its last chunk is right, its first is not.
  const holed = encrypted.slice();
  holed[1000] ^= 1;
  const added = new Uint8Array(200_000);
  added.set(await encrypt(new Uint8Array(70_000), PASSPHRASE, { ...QUICK, format: "age-rt" }));
  const { tar } = await load("src/tar.ts");
  const paths = ["a long name ".repeat(10) + ".txt", "../b.txt", "صورة من العطلة.txt", "c.txt"];
  const archive = tar(paths.map((path) => ({ path, file: new File(["x"], "x") })));
  const secret = await generateIdentity();
  const other = await generateIdentity();
  const all = {
    encrypted,
    damaged,
    holed,
    added,
    cut: encrypted.slice(0, 80_000),
    archive: await encrypt(archive, PASSPHRASE, QUICK),
    note: await encrypt("Dear Ben,\n\nthe key is under the mat.\n\nAda\n", PASSPHRASE, QUICK),
    picture: await encrypt(picture(), PASSPHRASE, QUICK),
    forKey: await encrypt("x", recipient(await recipientOf(secret))),
    forOther: await encrypt("x", recipient(await recipientOf(other))),
    keyFile: new TextEncoder().encode(await identityFile(secret)),
    forEither: await encrypt("x", {
      wrapFileKey: async (fileKey) => [
        ...(await recipient(await recipientOf(secret)).wrapFileKey(fileKey)),
        ...(await PASSKEY.wrapFileKey()),
      ],
    }),
    forPasskey: await encrypt("x", PASSKEY),
    lockedKey: await encrypt(await identityFile(secret), PASSPHRASE, QUICK),
    heavy: new TextEncoder().encode(header(21) + "x".repeat(100)),
    tooHeavy: new TextEncoder().encode(header(23) + "x".repeat(100)),
    message: await encrypt("Dear Ben,\n\nthe key is under the mat.\n", PASSPHRASE, QUICK),
    secret: new TextEncoder().encode(secret),
    publicKey: new TextEncoder().encode(await recipientOf(secret)),
    hybridKey: new TextEncoder().encode(await recipientOf(await generateIdentity("hybrid"))),
  };
  return Object.fromEntries(
    Object.entries(all).map(([name, bytes]) => [name, Buffer.from(bytes).toString("base64")]),
  );
}

/** A PNG of two colours, 320 by 200. */
function picture() {
  const [width, height] = [320, 200];
  const part = (type, data) => {
    const body = Buffer.concat([Buffer.from(type), data]);
    const part = Buffer.alloc(body.length + 8);
    part.writeUInt32BE(data.length);
    body.copy(part, 4);
    part.writeUInt32BE(crc32(body), body.length + 4);
    return part;
  };
  const size = Buffer.alloc(8);
  size.writeUInt32BE(width);
  size.writeUInt32BE(height, 4);
  // Each row: no filter, then red, green and blue.
  const rows = Buffer.alloc(height * (1 + 3 * width), 0x60);
  for (let y = 0; y < height; y += 1)
    rows.fill(0, y * (1 + 3 * width), y * (1 + 3 * width) + 1 + y);
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    part("IHDR", Buffer.concat([size, Buffer.from([8, 2, 0, 0, 0])])),
    part("IDAT", deflateSync(rows)),
    part("IEND", Buffer.alloc(0)),
  ]);
}

/**
 * In the fresh page: puts a person there, as `window.person`.
 *
 * @param contents - by name, in base64.
 */
export function prepare(contents) {
  const find = (selector) => {
    const found = document.querySelector(selector);
    if (!found) throw new Error(`the page has no ${selector}`);
    return found;
  };
  const until = async (condition, ...args) => {
    const end = Date.now() + 60_000;
    while (!condition(...args)) {
      if (Date.now() > end)
        throw new Error(`not so: ${condition} ${args}; it says ${document.body.innerText}`);
      await new Promise((go) => setTimeout(go, 20));
    }
  };
  const bytes = (name) => Uint8Array.from(atob(contents[name]), (letter) => letter.charCodeAt(0));
  const put = (selector, files) => {
    const data = new DataTransfer();
    for (const file of files) data.items.add(file);
    find(selector).files = data.files;
    find(selector).dispatchEvent(new Event("change", { bubbles: true }));
  };
  const type = (field, text) => {
    field.value = text;
    field.dispatchEvent(new InputEvent("input", { bubbles: true }));
  };
  const seen = (selector) =>
    until(
      (wanted) => [...document.querySelectorAll(wanted)].some((one) => one.checkVisibility()),
      selector,
    );

  // A disk that takes everything, in the dialog's place; what the click was for is never too old.
  if ("UserActivation" in window)
    Object.defineProperty(UserActivation.prototype, "isActive", {
      get: () => true,
      configurable: true,
    });
  const disk = { write: async () => undefined, close: async () => undefined };
  window.showSaveFilePicker = async () => ({
    createWritable: async () => ({ ...disk, abort: async () => undefined }),
    getFile: async () => new File(["x"], "x"),
  });

  window.person = {
    find,
    until,
    seen,
    file: (name, of) => new File([of in contents ? bytes(of) : of], name),
    text: (of) => new TextDecoder().decode(bytes(of)),
    armored: (of) =>
      `-----BEGIN AGE ENCRYPTED FILE-----\n${contents[of].replaceAll(/.{64}/g, "$&\n").trimEnd()}\n-----END AGE ENCRYPTED FILE-----\n`,
    /** The source never begins. A file's alone: the package unpacks its module from a Blob. */
    hold() {
      File.prototype.stream = () => new ReadableStream();
    },
    /** The source stops in the midst of its first file. */
    stall() {
      const { stream } = Blob.prototype;
      File.prototype.stream = function () {
        const stops = Math.floor(this.size * 0.3);
        let read = 0;
        return stream.call(this).pipeThrough(
          new TransformStream({
            // Firefox and WebKit may give all of it as one chunk.
            async transform(chunk, controller) {
              controller.enqueue(chunk.subarray(0, Math.max(0, stops - read)));
              read += chunk.length;
              if (read > stops) await new Promise(() => undefined);
            },
          }),
        );
      };
    },
    async choose(...files) {
      const before = find("#chosen").childElementCount;
      put("#file", files);
      await until((count) => find("#chosen").childElementCount > count, before);
    },
    put,
    click(selector) {
      find(selector).click();
    },
    type: (selector, text) => type(find(selector), text),
    passphrase(...texts) {
      const fields = document.querySelectorAll("[role=tabpanel]:not([hidden]) .passphrase input");
      const visible = [...fields].filter((field) => field.checkVisibility());
      visible.forEach((field, i) => type(field, texts[i] ?? texts[0]));
    },
    strength: () => seen("[role=tabpanel]:not([hidden]) .strength:not(:empty)"),
    submit: () => find("#file-submit").click(),
    async failed() {
      person.submit();
      await seen("#failure");
    },
    async done() {
      person.submit();
      await until(() => !find("#finished").hidden || !find("#failure").hidden);
      if (!find("#failure").hidden) throw new Error(find("#failure").innerText);
    },
    /** Opens everything that can be folded out. */
    unfold(selector) {
      for (const details of document.querySelectorAll(selector)) details.open = true;
    },
    async connected() {
      find("#tab-live").click();
      await until(() => !find("#ada-types").disabled);
      type(find("#ada-types"), "Hello Ben, how are you?");
      type(find("#ben-types"), "Hi");
      await until(() => find("#ada output").textContent === "Hi");
    },
    async changing() {
      await person.choose(person.file("report.pdf.age", "encrypted"));
      person.click("#change");
      await seen("#changing");
    },
    async byKey() {
      person.click("#by-key");
      await until(() => find("#keys").checkVisibility());
    },
    /** Whatever the engine has: passkeys that can be had, or not. */
    passkeys(answer = () => new Promise(() => undefined), prf = true) {
      window.PublicKeyCredential ??= class {};
      window.PublicKeyCredential.getClientCapabilities = async () => ({ "extension:prf": prf });
      const credentials = { create: answer, get: answer };
      Object.defineProperty(navigator, "credentials", { value: credentials, configurable: true });
    },
  };
}

/* What follows runs in the page. */

/** By name. */
export const states = {
  start: () => undefined,
  "nothing is filled in": async () => {
    person.submit();
    await person.choose(person.file("plain.txt", "x"));
    person.submit();
    await person.seen("#files .problem");
  },
  "a file is chosen": async () => {
    await person.choose(person.file("plain.txt", "x"));
  },
  "a file with a long name, and a weak passphrase": async () => {
    await person.choose(
      person.file(
        "annual report 2025 of the department for everything that nobody else does, final and corrected.pdf",
        "x",
      ),
    );
    person.passphrase("Summer2024");
    await person.strength();
  },
  "a strong passphrase, typed otherwise the second time": async () => {
    await person.choose(person.file("plain.txt", "x"));
    person.passphrase("grumpy violet otters file their taxes late", "another");
    await person.strength();
    person.submit();
    await person.seen("#files .problem");
  },
  "many files": async () => {
    await person.choose(
      ...[
        "annual report 2025 of the department for everything that nobody else does, final and corrected.pdf",
        "חשבונית מס קבלה לשנת 2025 של המחלקה לכל מה שאחרים אינם עושים.pdf",
        "تقرير سنوي نهائي للإدارة.docx",
        "x".repeat(150) + ".bin",
        "a.txt",
        "noextension",
        "photo.jpg",
        "photo (1).jpg",
      ].map((name) => person.file(name, name)),
    );
    person.unfold("#options");
  },
  "ten words are suggested": async () => {
    await person.choose(person.file("plain.txt", "x"));
    person.click("#files [data-part=suggest]");
    person.click("#files [data-part=show]");
  },
  "an encrypted file is chosen": () => person.choose(person.file("report.pdf.age", "encrypted")),
  "an encrypted file says what it is": async () => {
    await person.choose(person.file("report.pdf.age", "encrypted"));
    person.unfold("#about");
    await person.seen("#about-facts dd");
  },
  "several encrypted files": () =>
    person.choose(person.file("report.pdf.age", "encrypted"), person.file("note.txt.age", "note")),
  "a file for a key is chosen": async () => {
    await person.choose(person.file("report.pdf.age", "forKey"));
    await person.seen("#keys-decrypt");
  },
  "a file for a key says what it is": async () => {
    await person.choose(person.file("report.pdf.age", "forKey"));
    person.unfold("#about");
    await person.seen("#about-facts dd");
  },
  "the file is made for another kind of key": async () => {
    await person.choose(person.file("report.pdf.age", "forKey"));
    person.click("#by-passphrase");
    person.passphrase("a passphrase");
    await person.failed();
  },
  "the file is made for another key": async () => {
    await person.choose(person.file("report.pdf.age", "forOther"));
    person.type("#private-key", person.text("secret"));
    await person.failed();
  },
  "the file is made for a passphrase": async () => {
    await person.choose(person.file("report.pdf.age", "encrypted"));
    await person.byKey();
    person.type("#private-key", person.text("secret"));
    await person.failed();
  },
  "a private key is none": async () => {
    await person.choose(person.file("report.pdf.age", "forKey"));
    person.submit();
    await person.seen("#private-problem");
    person.type("#private-key", "AGE-SECRET-KEY-1");
    await person.failed();
  },
  "a key file that is encrypted": async () => {
    await person.choose(person.file("report.pdf.age", "forKey"));
    person.put("#key-file", [
      person.file("the key file of the laptop in the office.age", "lockedKey"),
    ]);
    await person.seen("#key-locked");
    person.submit();
    await person.seen("#unlock-problem");
  },
  "the key opens it": async () => {
    await person.choose(person.file("report.pdf.age", "forKey"));
    person.type("#private-key", person.text("secret"));
    person.hold();
    person.submit();
    await person.until(() =>
      document.querySelector("#stage").textContent.includes("Opening it with the key"),
    );
  },
  "a file for a passkey alone is chosen": async () => {
    person.passkeys();
    await person.choose(person.file("report.pdf.age", "forPasskey"));
    await person.seen("#passkeys");
    person.submit();
    await person.seen("#passkey-notice:not(:empty)");
  },
  "a file for a passkey alone, where there are none": async () => {
    person.passkeys(undefined, false);
    await person.choose(person.file("report.pdf.age", "forPasskey"));
    await person.seen("#passkey-notice:not(:empty)");
  },
  "the passkey is waited for": async () => {
    person.passkeys();
    await person.choose(person.file("report.pdf.age", "forPasskey"));
    await person.seen("#passkeys");
    person.click("#use-passkey");
    person.submit();
    await person.until(() =>
      document.querySelector("#stage").textContent.includes("Waiting for the passkey"),
    );
  },
  "encrypted for a passkey": async () => {
    const results = { first: new Uint8Array(32), second: new Uint8Array(32) };
    person.passkeys(async () => ({
      rawId: new Uint8Array(16),
      type: "public-key",
      response: {},
      getClientExtensionResults: () => ({ prf: { enabled: true, results } }),
    }));
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
    await person.seen("#passkeys");
    person.click("#use-passkey");
    await person.done();
  },
  "passkeys, to decrypt": async () => {
    person.passkeys();
    await person.choose(person.file("report.pdf.age", "forEither"));
    await person.seen("#passkeys");
    person.click("#use-passkey");
  },
  "passkeys, to encrypt, refused": async () => {
    person.passkeys(() => {
      throw new DOMException(
        "The operation either timed out or was not allowed.",
        "NotAllowedError",
      );
    });
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
    await person.seen("#passkeys");
    person.click("#make-passkey");
    await person.seen("#passkey-notice:not(:empty)");
  },
  "public keys are wanted": async () => {
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
  },
  "a public key is none": async () => {
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
    person.submit();
    await person.seen("#public-problem");
    person.type("#public-keys", "age1");
    await person.failed();
  },
  "public keys do not go together": async () => {
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
    person.type("#public-keys", `${person.text("publicKey")}\n${person.text("hybridKey")}`);
    await person.failed();
  },
  "a key pair was made, everything is open": async () => {
    await person.choose(person.file("plain.txt", "x"), person.file("large.txt", "xx"));
    await person.byKey();
    person.unfold("#options, #keys-encrypt details, .code");
    person.click("#make-keys");
    await person.seen(".pair");
  },
  "a post-quantum key pair was made": async () => {
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
    person.unfold("#keys-encrypt details");
    person.click("#key-hybrid");
    person.click("#make-keys");
    await person.seen(".pair");
    person.click(".pair [data-part=use]");
  },
  "a wrong passphrase": async () => {
    await person.choose(person.file("report.pdf.age", "encrypted"));
    person.passphrase("not this one");
    await person.failed();
  },
  "a damaged file": async () => {
    await person.choose(person.file("report.pdf.age", "damaged"));
    person.passphrase("a passphrase");
    await person.failed();
  },
  "a file that was cut short": async () => {
    await person.choose(person.file("report.pdf.age", "cut"));
    person.passphrase("a passphrase");
    await person.failed();
  },
  "a file that was added to": async () => {
    await person.choose(person.file("report.pdf.age", "added"));
    person.passphrase("a passphrase");
    await person.failed();
  },
  "a failed download": async () => {
    await person.choose(person.file("report.pdf.age", "<!doctype html>"));
    person.passphrase("a passphrase");
    await person.failed();
  },
  "two of three files could not be decrypted": async () => {
    await person.choose(
      person.file("note.txt.age", "note"),
      person.file("report.pdf.age", "damaged"),
      person.file("the other report.pdf.age", "cut"),
    );
    window.showDirectoryPicker = undefined;
    person.passphrase("a passphrase");
    await person.failed();
  },
  "a file that asks for much work": async () => {
    await person.choose(person.file("report.pdf.age", "heavy"));
    person.passphrase("a passphrase");
    await person.failed();
  },
  "much work is done": async () => {
    await person.choose(person.file("report.pdf.age", "heavy"));
    person.passphrase("a passphrase");
    await person.failed();
    person.click("#heavy");
    await person.until(() => {
      const { value } = document.querySelector("#progress");
      return value > 0 && value < 1;
    });
  },
  "a file that asks for too much work": async () => {
    await person.choose(person.file("report.pdf.age", "tooHeavy"));
    person.passphrase("a passphrase");
    await person.failed();
  },
  "what is right of a damaged file": async () => {
    await person.choose(person.file("report.pdf.age", "holed"));
    person.passphrase("a passphrase");
    await person.failed();
    person.click("#salvage");
    await person.seen("#inside-body li");
  },
  "what is right of a file that was added to": async () => {
    await person.choose(person.file("report.pdf.age", "added"));
    person.passphrase("a passphrase");
    await person.failed();
    person.click("#salvage");
    await person.seen("#inside-body button");
  },
  "inside an archive": async () => {
    await person.choose(person.file("archive.tar.age", "archive"));
    person.passphrase("a passphrase");
    person.click("#look");
    await person.seen(".members li");
  },
  "inside a text": async () => {
    await person.choose(person.file("note.txt.age", "note"));
    person.passphrase("a passphrase");
    person.click("#look");
    await person.seen("#inside-body pre");
  },
  "inside a picture": async () => {
    await person.choose(person.file("picture.png.age", "picture"));
    person.passphrase("a passphrase");
    person.click("#look");
    await person.seen("#inside-body img");
  },
  "inside what has no preview": async () => {
    await person.choose(person.file("report.pdf.age", "encrypted"));
    person.passphrase("a passphrase");
    person.click("#look");
    await person.seen("#inside-body p");
  },
  "a new passphrase, with a slip in it": async () => {
    await person.changing();
    person.passphrase("a passphrase", "grumpy violet otters file their taxes late", "another");
    person.submit();
    await person.seen("#files .problem");
  },
  "other keys for a file, encrypted anew": async () => {
    await person.changing();
    person.click("#how-anew");
    person.click("#new-by-key");
    person.passphrase("a passphrase");
    person.submit();
    await person.seen("#public-problem");
    person.unfold("#options");
  },
  "what opens it was changed": async () => {
    await person.changing();
    person.click("#new-by-key");
    person.passphrase("a passphrase");
    person.type("#public-keys", person.text("publicKey"));
    await person.done();
  },
  running: async () => {
    person.stall();
    await person.choose(person.file("large file.bin", new Uint8Array(20_000_000)));
    person.passphrase("a passphrase");
    person.submit();
    await person.until(() => document.querySelector("#progress-left").textContent !== "");
  },
  "the dialog waits for a click": async () => {
    // Firefox has no dialog: what it saves goes through the private file.
    if (window.mozInnerScreenX !== undefined) return "absent";
    Object.defineProperty(UserActivation.prototype, "isActive", { get: () => false });
    await person.choose(person.file("report.pdf.age", "encrypted"));
    person.passphrase("a passphrase");
    person.submit();
    await person.seen("#where");
  },
  cancelled: async () => {
    person.stall();
    await person.choose(person.file("large file.bin", new Uint8Array(20_000_000)));
    person.passphrase("a passphrase");
    person.submit();
    person.click("#cancel");
    await person.seen("#submit-notice:not(:empty)");
  },
  "encrypted, with what comes next": async () => {
    await person.choose(person.file("plain.txt", "x"));
    person.click("#files [data-part=suggest]");
    await person.done();
    person.click("#again");
  },
  "several files encrypted, with what the receiver gets": async () => {
    await person.choose(person.file("plain.txt", "x"), person.file("large.txt", "xx"));
    person.passphrase("grumpy violet otters file their taxes late");
    await person.done();
  },
  "encrypted for a key": async () => {
    await person.choose(person.file("plain.txt", "x"));
    await person.byKey();
    person.type("#public-keys", person.text("publicKey"));
    await person.done();
  },
  decrypted: async () => {
    await person.choose(
      person.file(
        "annual report 2025 of the department for everything that nobody else does, final and corrected.pdf.age",
        "encrypted",
      ),
    );
    person.passphrase("a passphrase");
    await person.done();
  },
  "the text tab": () => person.click("#tab-text"),
  "the text tab, with its options": () => {
    person.click("#tab-text");
    person.unfold("#text-options");
  },
  "the text tab, with a result": async () => {
    person.click("#tab-text");
    person.type("#text-input", "a text");
    person.click("#text [data-part=suggest]");
    person.click("#text-submit");
    await person.seen("#text-result");
    person.click("#text-clear");
  },
  "the text tab, with a message": async () => {
    person.click("#tab-text");
    person.type("#text-input", person.armored("message"));
  },
  "the text tab, with a message opened": async () => {
    person.click("#tab-text");
    person.type("#text-input", `Hi,\n\nhere it is:\n${person.armored("message")}`);
    person.passphrase("a passphrase");
    person.click("#text-submit");
    await person.seen("#text-result");
  },
  "the text tab, with a failure": async () => {
    person.click("#tab-text");
    person.type("#text-input", "-----BEGIN AGE ENCRYPTED FILE-----\n");
    person.passphrase("a passphrase");
    person.click("#text-submit");
    await person.seen("#text-failure");
  },
  "the live tab, with messages": () => person.connected(),
  "the live tab, with a message refused": async () => {
    await person.connected();
    person.click("#live-flip");
    person.type("#ada-types", "Hello Ben, how are you!");
    await person.seen("#live-connect");
  },
  "the live tab, hung up": async () => {
    await person.connected();
    person.click("#live-hang-up");
    await person.seen("#live-connect");
  },
  "the live tab, with a fault armed on a session with keys": async () => {
    await person.connected();
    person.click("#live-session");
    person.click("#live-keys");
    await person.seen("#ada .public-key");
    await person.until(() => !document.querySelector("#ada-types").disabled);
    person.click("#live-flip-tag");
    person.unfold("#live .code");
  },
  "the live tab, with a recording accepted": async () => {
    await person.connected();
    person.click("#live-replay");
    await person.seen("#live-verdict.problem");
  },
  "the live tab, with a reflection refused": async () => {
    await person.connected();
    person.click("#live-session");
    await person.until(() => !document.querySelector("#ada-types").disabled);
    person.click("#live-reflect");
    await person.until(() =>
      document.querySelector("#live-verdict").textContent.includes("(reflected)"),
    );
  },
};
