/** A key whose derivations are counted, and end when the test says so. It keeps nothing secret. */
export class SlowKey {
  /** Begun so far. */
  begun = 0;
  #held = [];
  #holds = false;

  /** From now on derivations wait for `release()`. */
  hold() {
    this.#holds = true;
  }

  /** Those that have begun and not ended. */
  get due() {
    return this.#held.length;
  }

  /** Ends those that wait. */
  release() {
    for (const go of this.#held.splice(0)) go();
  }

  get encrypt() {
    return {
      wrapFileKey: async (fileKey) => {
        const body = fileKey.slice();
        await this.#derived();
        return [{ args: ["a-test"], body }];
      },
    };
  }

  get decrypt() {
    return {
      unwrapFileKey: async (stanzas) => {
        const [{ body }] = stanzas;
        await this.#derived();
        return body.slice();
      },
    };
  }

  #derived() {
    this.begun += 1;
    if (!this.#holds) return undefined;
    return new Promise((resolve) => this.#held.push(resolve));
  }
}
