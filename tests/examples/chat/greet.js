/**
 * A passphrase that both ends know tells neither the ends apart nor this conversation from an
 * earlier one: whoever carries the messages can send a recorded stream again, or send us our own.
 * So each end says its role and a fresh random value, and answers with the other's.
 *
 * @param role - a number, another one at each end.
 * @throws if the other end is not there, now, and the other one.
 */
export async function greet(reader, writer, role) {
  const fresh = crypto.getRandomValues(new Uint8Array(32));
  await writer.write(Uint8Array.of(role, ...fresh));
  const hello = await next(reader);
  if (hello.length !== 33 || hello[0] === role) throw new Error("These are our own messages");
  await writer.write(hello.subarray(1));
  const answer = await next(reader);
  if (answer.length !== 32 || answer.some((byte, i) => byte !== fresh[i]))
    throw new Error("These messages are from another conversation");
}

async function next(reader) {
  const { done, value } = await reader.read();
  if (done) throw new Error("The other end has left");
  return value;
}
