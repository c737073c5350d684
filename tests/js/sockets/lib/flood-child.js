/**
 * A reader that sleeps while a flood comes, in the runtime that this runs in, with its own
 * WebSocket: `flood-child.js <url>`.
 */
import { fromWebSocket } from "age-rt-wasm";

const ASLEEP_MS = 2000;

const { readable } = fromWebSocket(new WebSocket(process.argv[2]));
let received = 0;
let answer;
try {
  const reader = readable.getReader();
  received += (await reader.read()).value.length;
  await new Promise((resolve) => setTimeout(resolve, ASLEEP_MS));
  for (let next = await reader.read(); !next.done; next = await reader.read())
    received += next.value.length;
  answer = { result: received };
} catch (error) {
  answer = { error: `${error.name} ${error.code}: ${error.message}` };
}
console.log(JSON.stringify(answer));
