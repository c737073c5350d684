import { firstMessage } from "../lib/first-message.js";

export default {
  name: "first-message-hybrid",
  title:
    "first messages of a live connection, both ways, from the socket's opening until they can be read, hybrid keys, 200 connections",
  unit: "ms",
  atMost: 6,
  run: (options) => firstMessage("hybrid", options),
};
