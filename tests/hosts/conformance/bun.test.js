import { bun } from "../programs.mjs";
import { conformance } from "./conformance.mjs";

conformance("bun", [bun]);
