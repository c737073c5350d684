/**
 * The chunks of one file on their way through workers: full middle chunks, in batches, out in the
 * order in which they came.
 *
 * No number is used for two plaintexts. A batch's numbers are granted once, by the object that
 * would else have sealed its chunks and that never goes back; its bytes are a copy of what was
 * written, moved to one worker, and never sent again. What a worker did not answer is lost, and the
 * stream fails.
 */
import type { ChunksReply } from "../kdf/chunks.js";
import type { Batching, Host, Job, Output } from "./host.js";
import type { Lane, Listener } from "./lanes.js";
import { Silence } from "./silence.js";
import { wipe } from "./wipe.js";

const TAG_LEN = 16;
/** Plaintext in a batch, in bytes. */
const BATCH_LEN = 2 ** 20;
/** Chunks in a batch, where they are small. */
const MOST_CHUNKS = 1024;
/** What the memory of a batch begins with, in bytes: it grows as bytes arrive. */
const FIRST_LEN = 2 ** 16;
/** How long a batch waits for a writer that pauses, in milliseconds. */
const LULL_MS = 4;

/** A batch that was sent. */
interface Sent {
  readonly lane: Lane;
  readonly index: number;
  /** Chunks. */
  readonly count: number;
  reply: ChunksReply | undefined;
  /** Why there will be no reply. */
  lost: { readonly cause: unknown } | undefined;
}

export class Batches implements Batching, Listener {
  over = false;
  readonly #file: number;
  readonly #job: Job;
  readonly #host: Host;
  readonly #out: Output;
  /** The one that has waited longest for a batch comes first. */
  #lanes: Lane[];
  /** Bytes of a chunk as it is written, and of a sealed one. */
  readonly #unit: number;
  readonly #stride: number;
  /** Chunks in a full batch. */
  readonly #most: number;
  /**
   * What was written and not sent: so many whole chunks, each at a multiple of the stride, and
   * bytes of the next.
   */
  #filling: Uint8Array<ArrayBuffer> = new Uint8Array(0);
  /** Memory of batches that has come back, for the next ones. It may hold plaintext. */
  readonly #spare: Uint8Array<ArrayBuffer>[] = [];
  #whole = 0;
  #part = 0;
  #firstLen = FIRST_LEN;
  readonly #sent: Sent[] = [];
  #pumping: Promise<void> | undefined;
  /** Wakes the pump at a reply, and a writer when there is room. */
  #replied: () => void = () => undefined;
  #roomMade: () => void = () => undefined;
  /** How often something was put. */
  #puts = 0;
  #lull: ReturnType<typeof setTimeout> | undefined;
  readonly #silence = new Silence(() => this.#sent[0]?.lane.fail(new Error("it is silent")));
  #freed = false;
  /** Why the worker that ended last did. */
  #cause: unknown;

  constructor(file: number, job: Job, lanes: Lane[], host: Host, out: Output) {
    this.#file = file;
    this.#job = job;
    this.#lanes = lanes;
    this.#host = host;
    this.#out = out;
    this.#stride = job.chunkSize + TAG_LEN;
    this.#unit = job.opening ? this.#stride : job.chunkSize;
    this.#most = Math.max(1, Math.min(MOST_CHUNKS, Math.floor(BATCH_LEN / job.chunkSize)));
    try {
      for (const lane of lanes) lane.begin(file, job, this);
    } catch (error) {
      this.free();
      throw error;
    }
  }

  room(): Promise<void> | undefined {
    this.#check();
    if (this.over || this.#sent.length <= this.#lanes.length) return undefined;
    return new Promise((resolve) => (this.#roomMade = resolve));
  }

  put(bytes: Uint8Array, offset: number): number {
    this.#puts += 1;
    // Only now: a chunk is a middle one if something comes behind it.
    if (this.#whole === this.#most) this.#send(this.#most);
    let at = offset;
    while (at < bytes.length && this.#whole < this.#most) {
      const start = this.#whole * this.#stride + this.#part;
      // Sealed chunks lie one behind the other; the others leave room for their tags.
      const room = (this.#job.opening ? this.#most - this.#whole : 1) * this.#unit - this.#part;
      const count = Math.min(bytes.length - at, room);
      this.#grow(start + count);
      this.#filling.set(bytes.subarray(at, at + count), start);
      at += count;
      this.#part += count;
      this.#whole += Math.floor(this.#part / this.#unit);
      this.#part %= this.#unit;
    }
    // Whether it is one is no question where it is opened: what is none is refused there.
    if (this.#job.opening && this.#whole === this.#most) this.#send(this.#most);
    return at - offset;
  }

  lull(): void {
    if (this.#freed || this.over || this.#lull || this.#complete === 0) return;
    const puts = this.#puts;
    // One timer runs on while writes come: to stop and start it costs as much as to copy them.
    this.#lull = setTimeout(() => {
      this.#lull = undefined;
      if (this.#freed) return;
      // Its workers have ended, and perhaps nobody writes again, who would have these chunks done.
      if (this.over) return this.#out.fail(this.#host.failure(this.#cause));
      if (puts !== this.#puts || this.#sent.length > this.#lanes.length) return this.lull();
      try {
        this.#send(this.#complete);
      } catch (error) {
        // Nobody else would hear of it: a module that has trapped meanwhile grants no numbers.
        this.#out.fail(error);
      }
    }, LULL_MS);
  }

  async drain(): Promise<Uint8Array> {
    clearTimeout(this.#lull);
    // The last chunk is the calling thread's, since it is the final one, or what is left of it.
    const behind = (): number => this.#whole - (this.#part > 0 ? 0 : 1);
    while (!this.over && behind() > 0) {
      const wait = this.room();
      if (wait) await wait;
      else this.#send(behind());
    }
    await this.#pumping;
    this.#check();
    await this.#out.taken();
    return this.#rest();
  }

  free(): void {
    if (this.#freed) return;
    this.#freed = true;
    this.#release();
    this.#wipe();
    this.#replied();
    this.#roomMade();
  }

  reply(lane: Lane, reply: ChunksReply): void {
    this.#silence.heard();
    const { index, failed } = reply;
    if (index === undefined) {
      // Its key was not taken: what it was sent nobody has done, and it is sent no more.
      for (const each of this.#sent) if (each.lane === lane) each.reply ??= reply;
      lane.end(this.#file);
      return this.#without(lane);
    }
    const sent = this.#sent.find((each) => each.index === index);
    if (failed === undefined && sent && !this.#fits(sent.count, reply)) {
      wipe(reply.bytes, reply.spent);
      return lane.fail(new Error("its answer has another length"));
    }
    this.#keep(reply.spent);
    if (sent) sent.reply ??= reply;
    this.#replied();
  }

  failed(lane: Lane, cause: unknown): void {
    for (const each of this.#sent) if (each.lane === lane && !each.reply) each.lost = { cause };
    this.#without(lane, cause);
  }

  #without(lane: Lane, cause?: unknown): void {
    this.#cause = cause;
    this.#lanes = this.#lanes.filter((each) => each !== lane);
    // Where it had nothing to do nothing is lost; without any worker the calling thread goes on.
    if (this.#lanes.length === 0) this.over = true;
    this.#replied();
    this.#roomMade();
  }

  /** Whole chunks that may be sent although nothing more was written. */
  get #complete(): number {
    return this.#job.opening || this.#part > 0 ? this.#whole : Math.max(0, this.#whole - 1);
  }

  #check(): void {
    if (!this.#freed) return;
    this.#out.signal.throwIfAborted();
    throw this.#host.failure(undefined);
  }

  /**
   * Whether an answer is as long as one to so many chunks: a file that lacks some, or has others
   * twice, would look whole until somebody opens it.
   */
  #fits(count: number, { bytes, refused }: ChunksReply): boolean {
    const { opening, chunkSize } = this.#job;
    if (!ArrayBuffer.isView(bytes)) return false;
    const len = bytes.byteLength;
    if (!refused) return len === count * (opening ? chunkSize : this.#stride);
    const chunks = len / chunkSize;
    return (
      opening &&
      Number.isInteger(chunks) &&
      chunks < count &&
      ArrayBuffer.isView(refused) &&
      refused.byteLength === this.#stride
    );
  }

  /** Memory for a later batch, or of no further use: those of a writer that pauses are short. */
  #keep(bytes: Uint8Array<ArrayBuffer> | undefined): void {
    const full = bytes?.length === this.#most * this.#stride;
    if (full && this.#spare.length <= this.#lanes.length) this.#spare.push(bytes);
    else wipe(bytes);
  }

  #grow(needed: number): void {
    if (needed <= this.#filling.length) return;
    // A full batch moves with all of its memory, so that nothing was begun in what is left.
    const spare = this.#filling.length === 0 ? this.#spare.pop() : undefined;
    if (spare) {
      this.#filling = spare;
      if (needed <= this.#filling.length) return;
    }
    const most = this.#most * this.#stride;
    const grown = new Uint8Array(
      Math.min(most, Math.max(needed, this.#filling.length * 2, this.#firstLen)),
    );
    grown.set(this.#filling);
    this.#filling.fill(0);
    this.#filling = grown;
  }

  /** Sends whole chunks: they move, and what is left begins the next batch. */
  #send(count: number): void {
    // All workers have ended meanwhile.
    if (this.over) return;
    // First: a module that has trapped grants nothing, and what was written is still wiped then.
    const index = this.#job.grant(count);
    const len = count * this.#stride;
    const left = (this.#whole - count) * this.#stride + this.#part;
    let bytes = this.#filling;
    if (left === 0 && bytes.length === len) this.#filling = new Uint8Array(0);
    else {
      // In memory of its own: what comes out for the reader owns all of its buffer.
      bytes = new Uint8Array(len);
      bytes.set(this.#filling.subarray(0, len));
      this.#filling.copyWithin(0, len, len + left);
    }
    this.#whole -= count;
    if (count === this.#most) this.#firstLen = len;
    const lane = this.#lanes.reduce((least, each) => (each.pending < least.pending ? each : least));
    // Of two that have as much to do, the other is done first.
    this.#lanes = [...this.#lanes.filter((each) => each !== lane), lane];
    this.#sent.push({ lane, index, count, reply: undefined, lost: undefined });
    const { opening } = this.#job;
    const inPlace = !opening && this.#host.inPlace;
    lane.batch({ file: this.#file, index, bytes, opening, inPlace });
    this.#silence.begin();
    this.#pumping ??= this.#pump();
  }

  /** Gives the reader one batch after the other, until all of them were given. */
  async #pump(): Promise<void> {
    try {
      for (let head = this.#sent[0]; head; head = this.#sent[0]) {
        while (!head.reply && !head.lost)
          await new Promise<void>((resolve) => {
            this.#replied = resolve;
            if (this.#freed) resolve();
          }).then(() => this.#check());
        await this.#out.taken();
        if (head.lost) throw this.#host.failure(head.lost.cause);
        const { bytes, refused, more, failed } = head.reply as ChunksReply;
        if (failed !== undefined || !bytes) throw this.#host.failure(undefined, failed);
        this.#sent.shift();
        if (bytes.length > 0) {
          this.#out.push(bytes);
          const { opening, chunkSize } = this.#job;
          this.#job.told(opening ? bytes.length : (bytes.length / this.#stride) * chunkSize);
        }
        if (refused) return await this.#refuse(refused, more === true);
        this.#roomMade();
      }
    } catch (error) {
      this.#out.fail(error);
    } finally {
      this.#silence.end();
      this.#pumping = undefined;
      this.#roomMade();
    }
  }

  async #refuse(sealed: Uint8Array, more: boolean): Promise<void> {
    await this.#out.taken();
    more ||= this.#sent.length > 0 || this.#whole > 0 || this.#part > 0;
    this.over = true;
    this.#release();
    await this.#job.refused?.(sealed, more, this.#out);
  }

  /** What was not sent, without gaps. */
  #rest(): Uint8Array {
    const rest = new Uint8Array(this.#whole * this.#unit + this.#part);
    for (let chunk = 0; chunk <= this.#whole; chunk += 1) {
      const start = chunk * this.#stride;
      const len = chunk < this.#whole ? this.#unit : this.#part;
      rest.set(this.#filling.subarray(start, start + len), chunk * this.#unit);
    }
    this.#wipe();
    return rest;
  }

  /** The workers wipe the key; what they still say of this file is wiped unread. */
  #release(): void {
    clearTimeout(this.#lull);
    this.#silence.end();
    for (const lane of this.#lanes) lane.end(this.#file);
    // Plaintext that nobody will read, where chunks are opened.
    for (const { reply } of this.#sent) wipe(reply?.bytes);
    this.#sent.length = 0;
  }

  #wipe(): void {
    this.#filling.fill(0);
    for (const bytes of this.#spare.splice(0)) bytes.fill(0);
    this.#whole = this.#part = 0;
  }
}
