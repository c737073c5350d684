/** What a file says of itself before it is opened. Loaded when it is wanted. */
import { type Inspection, inspect } from "age-rt-wasm/header";
import type { Item } from "./chooser.js";
import { failureOf, openerOf } from "./failures.js";
import { unarmored } from "./plan.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

export async function describe(item: Item, list: HTMLElement): Promise<void> {
  list.replaceChildren();
  const facts = await factsOf(item);
  for (const [name, value] of facts) {
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = name;
    detail.textContent = value;
    if (name) list.append(term);
    else detail.className = "note";
    list.append(detail);
  }
}

async function factsOf(item: Item): Promise<[string, string][]> {
  const { about } = strings;
  let found: Inspection;
  try {
    found = await inspect(await unarmored(item));
  } catch (error) {
    const { title, advice } = failureOf(error, { name: item.file.name, size: item.file.size });
    return [[title, advice]];
  }
  const facts: [string, string][] = [
    [about.format, found.format + (item.kind === "armored" ? about.armored : "")],
    [about.opensWith, units.list([...new Set(found.stanza_types)].map(openerOf))],
  ];
  if (found.workFactor !== undefined)
    facts.push([about.workFactor, units.integer(found.workFactor)]);
  else facts.push([about.recipients, units.integer(found.recipients)]);
  if (found.postquantum !== "unknown")
    facts.push([about.postquantum, found.postquantum === "yes" ? about.yes : about.no]);
  if (found.sizes)
    facts.push(
      [about.size, units.bytes(found.sizes.max_payload)],
      [about.header, units.bytes(found.sizes.header)],
    );
  facts.push(["", about.unchecked]);
  return facts;
}
