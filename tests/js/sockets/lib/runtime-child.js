/**
 * One end of an exchange in the runtime that this runs in, with its own WebSocket:
 * `runtime-child.js <url> <task as JSON>`.
 */
import { exchange } from "./exchange.js";

const [url, task] = globalThis.Deno ? globalThis.Deno.args : process.argv.slice(2);
let answer;
try {
  answer = { result: await exchange(new WebSocket(url), JSON.parse(task)) };
} catch (error) {
  answer = { error: `${error.name} ${error.code}: ${error.message}` };
}
console.log(JSON.stringify(answer));
