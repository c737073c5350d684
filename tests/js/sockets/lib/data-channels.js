/**
 * In a page: two peers, connected to each other by data channels. Candidates with the machine's own
 * addresses only, no server asked.
 */
import {
  AgeRtDecryptStream,
  AgeRtEncoder,
  AgeRtEncryptStream,
  encodeBytes,
  fromDataChannel,
} from "age-rt-wasm";
import { sameBytes } from "./messages.js";

const PASSPHRASE = "a passphrase";
const LOW = { workFactor: 1 };

export async function connect(options) {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
  const channel = here.createDataChannel("messages", options);
  const arriving = new Promise((resolve) =>
    there.addEventListener("datachannel", (event) => resolve(event.channel), { once: true }),
  );
  await here.setLocalDescription(await here.createOffer());
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription(await there.createAnswer());
  await here.setRemoteDescription(there.localDescription);
  return { here, there, channel, arriving };
}

/**
 * `length` bytes each way at once, encrypted, a message in pieces of up to 65,536 bytes.
 *
 * @returns what arrived and how both channels closed.
 */
export async function exchange(length) {
  const { here, there, channel, arriving } = await connect();
  // A data channel cannot be held back, and one page does the work of both ends.
  const options = { maxBufferedBytes: 2 * length };
  const first = fromDataChannel(channel, options);
  const second = fromDataChannel(await arriving, options);
  const results = await Promise.all([
    direction(first, second, length, 1),
    direction(second, first, length, 2),
  ]);
  first.close();
  const closes = await Promise.all([first.closed, second.closed]);
  here.close();
  there.close();
  return { received: results, closes: closes.map(({ code }) => code) };
}

async function direction(from, to, length, seed) {
  const sending = source(length, seed)
    .pipeThrough(new AgeRtEncryptStream(PASSPHRASE, LOW))
    .pipeTo(from.writable, { preventClose: true });
  let received = 0;
  const expected = source(length, seed).getReader();
  const reader = to.readable
    .pipeThrough(new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true }))
    .getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    if (!sameBytes(next.value, (await expected.read()).value))
      throw new Error(`another message after ${received} bytes`);
    received += next.value.length;
  }
  await sending;
  return received;
}

function source(length, seed) {
  let left = length;
  let count = 0;
  return new ReadableStream({
    pull(controller) {
      if (left === 0) {
        controller.close();
        return;
      }
      const message = new Uint8Array(Math.min(left, 1 + ((count * 7919) % 65_536)));
      const words = new Uint32Array(message.buffer, 0, message.length >> 2);
      for (let i = 0; i < words.length; i += 1) words[i] = (i + count) * 2_654_435_761 + seed;
      left -= message.length;
      count += 1;
      controller.enqueue(message);
    },
  });
}

/** What the other end learns when something happens to this one. */
export async function fates() {
  const told = async (pair) => {
    const reader = pair.readable.getReader();
    const first = await reader.read().then(
      ({ done }) => (done ? "end" : "bytes"),
      (error) => error.code ?? error.name,
    );
    return [
      first,
      await pair.closed.then(
        ({ code }) => code,
        (error) => error.closeCode,
      ),
    ];
  };
  const after = {};
  for (const [name, act] of Object.entries({
    "close()": ({ pair }) => pair.close(),
    "the writable's end": ({ pair }) => void pair.writable.close(),
    "a cancel": ({ pair }) => void pair.readable.cancel(),
    "its connection's end": ({ here }) => here.close(),
    text: ({ channel }) => channel.send("text"),
  })) {
    const { here, there, channel, arriving } = await connect();
    const pair = fromDataChannel(channel);
    const other = fromDataChannel(await arriving);
    await pair.opened;
    act({ here, channel, pair });
    after[name] = await told(other);
    here.close();
    there.close();
  }
  return after;
}

export async function refused(options) {
  const { here, there, channel } = await connect(options);
  try {
    fromDataChannel(channel);
    return undefined;
  } catch (error) {
    return error.code;
  } finally {
    here.close();
    there.close();
  }
}

/**
 * What the end reads that is offered a channel, and hands it over at once or after a look into its
 * database, which takes until the message has come.
 */
export async function handedOver(isEarly) {
  const [here, there] = [new RTCPeerConnection(), new RTCPeerConnection()];
  here.onicecandidate = ({ candidate }) => candidate && there.addIceCandidate(candidate);
  there.onicecandidate = ({ candidate }) => candidate && here.addIceCandidate(candidate);
  const told = new Promise((resolve) => {
    there.ondatachannel = async ({ channel }) => {
      const read = [];
      try {
        const lookUp = new Promise((resolve) =>
          channel.addEventListener("message", resolve, { once: true }),
        );
        if (!isEarly) await lookUp;
        // What is lost never comes, and what has come needs no limit.
        const signal = isEarly ? undefined : AbortSignal.timeout(200);
        const { readable } = fromDataChannel(channel, { signal });
        await lookUp;
        const stream = new AgeRtDecryptStream(PASSPHRASE, { closeAtFinal: true });
        const reader = readable.pipeThrough(stream).getReader();
        for (let next = await reader.read(); !next.done; next = await reader.read())
          read.push(new TextDecoder().decode(next.value));
        resolve(read);
      } catch (error) {
        resolve([...read, error.name]);
      }
    };
  });
  const encoder = await AgeRtEncoder.create(PASSPHRASE, LOW);
  const wire = encodeBytes(
    ["Hello", "World"].map((text) => new TextEncoder().encode(text)),
    encoder,
  );
  const channel = here.createDataChannel("messages");
  channel.onopen = () => channel.send(wire);
  await here.setLocalDescription(await here.createOffer());
  await there.setRemoteDescription(here.localDescription);
  await there.setLocalDescription(await there.createAnswer());
  await here.setRemoteDescription(there.localDescription);
  const answer = await told;
  here.close();
  there.close();
  return answer;
}
