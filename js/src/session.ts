/**
 * A live conversation whose two ends have shown that they are here and now, against replay and
 * reflection.
 *
 * @packageDocumentation
 */
export { openSession, type Session, type SessionOptions } from "./session/session.js";
