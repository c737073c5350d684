import { firstMessage } from "../lib/first-message.js";

export default {
  name: "first-message-x25519",
  title:
    "first messages of a live connection, both ways, from the socket's opening until they can be read, X25519 keys, 200 connections",
  unit: "ms",
  atMost: 3,
  run: (options) => firstMessage("x25519", options),
};
