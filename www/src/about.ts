/** What a file says of itself before it is opened. Loaded when it is wanted. */
import { type Inspection, inspect } from "age-rt-wasm/header";
import { type Item, showName } from "./chooser.js";
import { failureOf, openersOf } from "./failures.js";
import { unarmored } from "./plan.js";
import { strings } from "./strings.js";
import * as units from "./units.js";

/** Files whose facts are shown; of more it is said how many. */
const SHOWN = 6;
/** What is asked for last is shown, however long an earlier one takes. */
let asked = 0;

/** @param named - whether it is to be said which file is which. */
export async function describe(
  items: readonly Item[],
  named: boolean,
  box: HTMLElement,
): Promise<void> {
  asked += 1;
  const mine = asked;
  box.replaceChildren();
  const found = await Promise.all(items.slice(0, SHOWN).map(factsOf));
  if (mine !== asked) return;
  for (const [i, facts] of found.entries()) {
    const item = items[i];
    if (item && named) {
      const name = document.createElement("h3");
      const isolated = document.createElement("bdi");
      showName(isolated, item.path);
      name.append(isolated);
      box.append(name);
    }
    box.append(listOf(facts));
  }
  if (items.length <= SHOWN) return;
  const rest = document.createElement("p");
  rest.textContent = strings.files.andMore(units.integer(items.length - SHOWN));
  box.append(rest);
}

function listOf(facts: readonly (readonly [string, string])[]): HTMLElement {
  const list = document.createElement("dl");
  list.className = "facts";
  for (const [name, value] of facts) {
    const term = document.createElement("dt");
    const detail = document.createElement("dd");
    term.textContent = name;
    detail.textContent = value;
    if (name) list.append(term);
    else detail.className = "note";
    list.append(detail);
  }
  return list;
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
    [about.opensWith, openersOf(found.stanza_types)],
  ];
  if (found.workFactor !== undefined)
    facts.push([about.workFactor, units.integer(found.workFactor)]);
  else facts.push([about.recipients, units.integer(found.recipients)]);
  if (found.postquantum !== "unknown")
    facts.push([about.postquantum, found.postquantum === "yes" ? about.yes : about.no]);
  if (found.sizes)
    facts.push(
      [about.size, withExact(found.sizes.max_payload)],
      [about.header, withExact(found.sizes.header)],
    );
  facts.push(["", about.unchecked]);
  return facts;
}

function withExact(count: number): string {
  return units.bytes(count) + units.exactly(count);
}
