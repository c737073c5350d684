/** A transfer in the runtime that this runs in: `transfer-child.js <name> <origin> <length>`. */
import * as transfer from "./transfer.js";

const [name, origin, length] = globalThis.Deno ? globalThis.Deno.args : process.argv.slice(2);
let answer;
try {
  answer = { result: await transfer[name](origin, Number(length)) };
} catch (error) {
  answer = { error: `${error.name}: ${error.message}` };
}
console.log(JSON.stringify(answer));
