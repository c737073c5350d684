/**
 * Pictures of every state of the page, in three engines and three widths, light and dark, for
 * people to look at. Usage: node tests/js/demo/pictures.mjs FOLDER [ENGINE…]. With STATES=words
 * only of those whose name has these.
 */
import { mkdirSync } from "node:fs";
import { join } from "node:path";
import { ENGINES } from "../browser/engines.mjs";
import { Guest } from "./lib/guest.js";
import { faultsOfLayout, isOnFirstScreen } from "./lib/layout.js";
import { startSite } from "./lib/site.js";
import { contents, prepare, states } from "./lib/states.js";

const SIZES = [
  [1280, 900],
  [390, 844],
  [320, 640],
];
const [folder, ...engines] = process.argv.slice(2);
if (!folder) throw new Error("say where the pictures go");
const wanted = new RegExp(process.env.STATES ?? "");
const themes = (process.env.THEMES ?? "light dark").split(" ");

const site = await startSite();
const files = await contents();
const names = Object.keys(states).filter((name) => wanted.test(name));
for (const engine of engines.length > 0 ? engines : ENGINES) {
  mkdirSync(join(folder, engine), { recursive: true });
  const guest = await Guest.arrive(engine, site.url);
  try {
    for (const name of names) {
      try {
        const reached = await guest.reach(site.url, states[name], prepare, files);
        if (reached === "absent") continue;
        for (const theme of themes) {
          await guest.theme(theme);
          for (const [width, height] of SIZES) {
            await guest.resize(width, height);
            for (const fault of await guest.page.evaluate(faultsOfLayout))
              console.log(`${engine}, ${width}, ${theme}, ${name}: ${fault}`);
            if (!(await guest.page.evaluate(isOnFirstScreen)))
              console.log(`${engine}, ${width}, ${theme}, ${name}: the button is further down`);
            const file = `${name.replaceAll(/\W+/g, "-")} ${width} ${theme}.png`;
            await guest.picture(join(folder, engine, file));
          }
        }
      } catch (error) {
        console.log(`${engine}, ${name}: ${error.stack}`);
      }
    }
    for (const complaint of guest.complaints) console.log(`${engine}: ${complaint}`);
  } finally {
    await guest.leave();
  }
}
await site.close();
