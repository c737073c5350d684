/**
 * How many guesses a passphrase takes, as its logarithm to base 2. A worker: the word lists alone
 * would hold the page up for a tenth of a second.
 */
import { ZxcvbnFactory } from "@zxcvbn-ts/core";
import { adjacencyGraphs, dictionary } from "@zxcvbn-ts/language-common";
import { withoutQuotations } from "./famous.js";

/** A quotation, written in one of the ways that people write it. */
const QUOTATION_BITS = 14;

declare const self: DedicatedWorkerGlobalScope;

const estimator = new ZxcvbnFactory({ dictionary, graphs: adjacencyGraphs });

self.onmessage = ({ data }: MessageEvent<string>) => {
  const { rest, count } = withoutQuotations(data);
  const bits = estimated(data);
  self.postMessage(
    count === 0 ? bits : Math.min(bits, count * QUOTATION_BITS + (rest ? estimated(rest) : 0)),
  );
};

function estimated(passphrase: string): number {
  return estimator.check(passphrase).guessesLog10 * Math.log2(10);
}
