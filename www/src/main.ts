import { isSupported } from "age-rt-wasm";
import { removeLeftovers } from "./destinations/private-file.js";
import { registerServiceWorker } from "./destinations/service-worker.js";
import { byId } from "./dom.js";
import { filesTab } from "./files.js";
import { takeLaunched } from "./launched.js";
import { liveTab } from "./live/index.js";
import { look } from "./news.js";
import { tabs } from "./tabs.js";
import { textTab } from "./text.js";

byId("unloaded", HTMLElement).remove();
if (isSupported()) {
  byId("tool", HTMLElement).inert = false;
  const choose = filesTab();
  const open = (files: Promise<readonly File[]>): void => {
    const tab = byId("tab-files", HTMLElement);
    if (tab.ariaSelected !== "true") tab.click();
    choose(files);
  };
  textTab((file) => open(Promise.resolve([file])));
  let connect: (() => void) | undefined = liveTab();
  tabs(byId("tabs", HTMLElement), (panel) => {
    look();
    // Four keys are derived for it: only for those who look.
    if (panel !== "live") return;
    connect?.();
    connect = undefined;
  });
  registerServiceWorker();
  takeLaunched(open);
  // What cannot be removed now can be at the next visit.
  removeLeftovers().catch(() => undefined);
} else {
  byId("unsupported", HTMLElement).hidden = false;
  byId("tool", HTMLElement).hidden = true;
}
