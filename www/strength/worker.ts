/** How many guesses a passphrase takes, as its logarithm to base 2. A worker: the word lists alone would hold the page up for a tenth of a second. */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";

declare const self: DedicatedWorkerGlobalScope;

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

self.onmessage = ({ data }: MessageEvent<string>) => {
  self.postMessage(estimator.check(data).guessesLog10 * Math.log2(10));
};
