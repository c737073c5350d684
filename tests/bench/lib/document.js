/** The tables of BENCHMARKS.md, out of the JSON that a whole run leaves in target/bench. */
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { Failure, output, root } from "../../../js/tooling/lib/run.mjs";
import { HEAD, lines } from "./table.js";

/** Replaces the table of `host` ("node" or a browser's name), or appends it under "Browsers". */
export function writeTable(host) {
  const path = join(root, "BENCHMARKS.md");
  const kept = JSON.parse(readFileSync(join(root, "target", "bench", `${host}.json`), "utf8"));
  writeFileSync(path, withTable(readFileSync(path, "utf8"), host, tableOf(kept)));
}

/** What stands between the marks of a table: where and when it was measured, and its rows. */
export function tableOf({ host, processor, date, rows }) {
  const commit = output("git", ["rev-parse", "--short", "HEAD"]) ?? "an unknown commit";
  const where = `${host}, ${processor ?? "unknown processor"}, ${date.slice(0, 10)}, at commit ${commit}.`;
  return [where, "", HEAD, ...rows.map(({ result, ...row }) => lines(row, result))].join("\n");
}

/** The document with `table` between the marks of `host`. */
export function withTable(text, host, table) {
  const [begin, end] = [`<!-- bench ${host}: begin -->`, `<!-- bench ${host}: end -->`];
  const [start, stop] = [text.indexOf(begin), text.indexOf(end)];
  const marked = `${begin}\n\n${table}\n\n${end}`;
  if (start < 0 && stop < 0) return `${text.trimEnd()}\n\n${marked}\n`;
  if (stop < start || start < 0) throw new Failure(`BENCHMARKS.md has only one mark of ${host}`);
  return `${text.slice(0, start)}${marked}${text.slice(stop + end.length)}`;
}
