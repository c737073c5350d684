import { pushPlace } from "./way-back.js";

/**
 * Tabs as the ARIA authoring practices want them: one stop of the Tab key, arrows between them; the
 * address remembers the tab.
 *
 * @param onShow - called with the id of a panel each time that it is shown.
 */
export function tabs(list: HTMLElement, onShow: (panel: string) => void): void {
  const all = [...list.querySelectorAll<HTMLElement>("[role=tab]")];
  const select = (tab: HTMLElement): void => {
    for (const other of all) {
      const selected = other === tab;
      other.setAttribute("aria-selected", String(selected));
      other.tabIndex = selected ? 0 : -1;
      const panel = document.getElementById(other.getAttribute("aria-controls") ?? "");
      if (panel) panel.hidden = !selected;
    }
    onShow(tab.getAttribute("aria-controls") ?? "");
  };
  const choose = (tab: HTMLElement): void => {
    select(tab);
    pushPlace(`#${tab.getAttribute("aria-controls") ?? ""}`);
  };
  for (const tab of all) tab.addEventListener("click", () => choose(tab));
  list.addEventListener("keydown", (event) => {
    const here = all.findIndex((tab) => tab.tabIndex === 0);
    const next = target(event.key, here, all.length, getComputedStyle(list).direction === "rtl");
    const tab = next === undefined ? undefined : all[next];
    if (!tab) return;
    event.preventDefault();
    choose(tab);
    tab.focus();
  });
  const wanted = (): void => {
    const tab = all.find((one) => `#${one.getAttribute("aria-controls") ?? ""}` === location.hash);
    // Back to the address without a name is back to the first.
    const shown = tab ?? (location.hash === "" ? all[0] : undefined);
    if (shown) select(shown);
  };
  addEventListener("hashchange", wanted);
  wanted();
}

function target(
  key: string,
  here: number,
  count: number,
  rightToLeft: boolean,
): number | undefined {
  const forward = rightToLeft ? "ArrowLeft" : "ArrowRight";
  const back = rightToLeft ? "ArrowRight" : "ArrowLeft";
  if (key === forward) return (here + 1) % count;
  if (key === back) return (here + count - 1) % count;
  if (key === "Home") return 0;
  if (key === "End") return count - 1;
  return undefined;
}
