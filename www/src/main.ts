import { isSupported } from "age-rt-wasm";
import { removeLeftovers } from "./destinations/private-file.js";
import { registerServiceWorker } from "./destinations/service-worker.js";
import { byId } from "./dom.js";
import { filesTab } from "./files.js";
import { tabs } from "./tabs.js";

if (isSupported()) {
  tabs(byId("tabs", HTMLElement));
  filesTab();
  registerServiceWorker();
  void removeLeftovers();
} else {
  byId("unsupported", HTMLElement).hidden = false;
  byId("tool", HTMLElement).hidden = true;
}
