/**
 * Where an engine or a runtime does not do what the platform's specifications say, and a test of
 * ours shows it: file, test, and why. Such a test must fail; one that passes means that the engine
 * has caught up, and that its line here goes.
 */
const PIPE_WAITS =
  "its pipeTo() hears of an aborted signal only when the read that it waits for has ended, with any streams at all; a signal in the constructor is heard at once";

export const DEPARTURES = {
  bun: {},
  chromium: {},
  deno: {},
  firefox: {
    "rejections.test.js: the console is clean":
      "its console reports a rejection that the page has dealt with in unhandledrejection, too",
  },
  webkit: {
    "piping.test.js: age: pipeThrough() with a signal that is aborted in the payload": PIPE_WAITS,
    "piping.test.js: age-rt: pipeThrough() with a signal that is aborted in the payload":
      PIPE_WAITS,
  },
};
