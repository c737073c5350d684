/** What can be wrong with how a state looks, as far as a program sees it. Runs in the page. */

/** @returns a line for each fault. */
export function faultsOfLayout() {
  const faults = [];
  const root = document.documentElement;
  const visible = (element) =>
    element.checkVisibility({ visibilityProperty: true }) && element.getClientRects().length > 0;
  const named = (element) =>
    `${element.localName}${element.id ? `#${element.id}` : ""}${[...element.classList].map((name) => `.${name}`).join("")} "${(element.innerText ?? "").slice(0, 30)}"`;

  if (root.scrollWidth > root.clientWidth)
    faults.push(`the page is ${root.scrollWidth} wide in ${root.clientWidth}`);

  // Controls: none lies over another, none is cut by the edge.
  const controls = [
    ...document.querySelectorAll(
      "button, input:not([type=file]), textarea, summary, a, .drop label, output, pre, progress",
    ),
  ].filter((control) => visible(control) && !control.closest(".switch"));
  const boxes = controls.map((control) => control.getBoundingClientRect());
  controls.forEach((control, i) => {
    const a = boxes[i];
    if (a.left < -0.5 || a.right > root.clientWidth + 0.5)
      faults.push(`${named(control)} sticks out`);
    for (let j = i + 1; j < controls.length; j += 1) {
      const b = boxes[j];
      const other = controls[j];
      if (control.contains(other) || other.contains(control)) continue;
      const wide = Math.min(a.right, b.right) - Math.max(a.left, b.left);
      const high = Math.min(a.bottom, b.bottom) - Math.max(a.top, b.top);
      if (wide > 0.5 && high > 0.5) faults.push(`${named(control)} lies over ${named(other)}`);
    }
  });

  // Text that is cut without a sign of it.
  for (const element of document.querySelectorAll(
    "button, label, legend, summary, p, li, dd, h2, h3, td",
  )) {
    if (!visible(element) || element.closest(".unseen")) continue;
    const { overflowX } = getComputedStyle(element);
    if (overflowX !== "visible" && element.scrollWidth > element.clientWidth + 1)
      faults.push(`${named(element)} is cut`);
    const { left, right } = element.getBoundingClientRect();
    const card = element.closest(".card")?.getBoundingClientRect();
    if (card && (left < card.left - 0.5 || right > card.right + 0.5))
      faults.push(`${named(element)} leaves its card`);
  }

  for (const button of document.querySelectorAll("button"))
    if (visible(button) && button.scrollHeight > button.clientHeight + 1)
      faults.push(`${named(button)} is lower than its words`);

  // Ways stand beside their name, or all of them under it.
  for (const group of document.querySelectorAll(".with")) {
    if (!visible(group)) continue;
    const middle = (element) => {
      const { top, bottom } = element.getBoundingClientRect();
      return (top + bottom) / 2;
    };
    const name = middle(group.querySelector(".with-name"));
    const beside = [...group.querySelectorAll("label")].map(
      (label) => Math.abs(middle(label) - name) < 6,
    );
    if (new Set(beside).size > 1) faults.push(`${named(group)} has one way beside its name alone`);
  }

  // A button at a line's end is there, whatever stands before it.
  for (const button of document.querySelectorAll(".folder button, .chosen-rest button")) {
    if (!visible(button)) continue;
    const line = button.parentElement.getBoundingClientRect();
    if (Math.abs(button.getBoundingClientRect().right - line.right) > 1)
      faults.push(`${named(button)} is not at the line's end`);
  }

  // A size is one line, or breaks between its words.
  for (const element of document.querySelectorAll(".size")) {
    if (!visible(element)) continue;
    const range = document.createRange();
    for (const [word] of element.textContent.matchAll(/\S+/g)) {
      const at = element.textContent.indexOf(word);
      range.setStart(element.firstChild, at);
      range.setEnd(element.firstChild, at + word.length);
      if (new Set([...range.getClientRects()].map(({ top }) => top)).size > 1)
        faults.push(`${named(element)} breaks within a word`);
    }
  }

  // Edges and what is chosen: at least 3 to 1 against what is around (WCAG 1.4.11).
  const context = Object.assign(document.createElement("canvas"), {
    width: 1,
    height: 1,
  }).getContext("2d", { willReadFrequently: true });
  /** These colours over each other, the lowest first. */
  const mixed = (...colours) => {
    context.clearRect(0, 0, 1, 1);
    for (const colour of colours) {
      context.fillStyle = colour;
      context.fillRect(0, 0, 1, 1);
    }
    return [...context.getImageData(0, 0, 1, 1).data];
  };
  const backgrounds = (element) => {
    const layers = [];
    for (let one = element; one; one = one.parentElement)
      layers.unshift(getComputedStyle(one).backgroundColor);
    return layers;
  };
  const luminance = (colour) => {
    const [r, g, b] = colour.map((part) => {
      const share = part / 255;
      return share <= 0.04045 ? share / 12.92 : ((share + 0.055) / 1.055) ** 2.4;
    });
    return 0.2126 * r + 0.7152 * g + 0.0722 * b;
  };
  const contrast = (a, b) => {
    const [dark, light] = [luminance(a), luminance(b)].sort((x, y) => x - y);
    return (light + 0.05) / (dark + 0.05);
  };
  const check = (element, colour, what) => {
    const around = backgrounds(element.parentElement);
    const ratio = contrast(mixed(...around, ...colour), mixed(...around));
    if (ratio < 3)
      faults.push(`${what} of ${named(element)} has a contrast of ${ratio.toFixed(2)}`);
  };
  const marks = "input[type=radio], input[type=checkbox], progress";
  for (const element of document.querySelectorAll(
    `button, input[type=text], input[type=password], textarea, .switch, .drop label, ${marks}`,
  )) {
    if (!visible(element) || element.disabled || element.role === "tab") continue;
    if (element.matches(".switch input")) continue;
    if (element.matches(marks) && getComputedStyle(element).appearance !== "none")
      faults.push(`${named(element)} is drawn in the engine's own colours`);
    const { borderTopWidth, borderTopColor, backgroundColor } = getComputedStyle(element);
    const [, , , alpha] = mixed(backgroundColor, borderTopColor);
    if (borderTopWidth !== "0px" && alpha > 0)
      check(element, [backgroundColor, borderTopColor], "the edge");
  }
  // What is done of it, beside what is not.
  for (const element of document.querySelectorAll("progress")) {
    if (!visible(element)) continue;
    const { backgroundColor } = getComputedStyle(element);
    const accent = document.createElement("span");
    accent.style.color = "var(--accent)";
    element.after(accent);
    const ratio = contrast(mixed(getComputedStyle(accent).color), mixed(backgroundColor));
    accent.remove();
    if (ratio < 3) faults.push(`${named(element)} shows how far it is with ${ratio.toFixed(2)}`);
  }
  for (const element of document.querySelectorAll(
    "[aria-selected=true], [aria-pressed=true], .switch input:checked + span",
  )) {
    if (!visible(element)) continue;
    const [shadow] =
      /^(?:rgb|color|oklab|oklch|lab)[^)]*\)/.exec(getComputedStyle(element).boxShadow) ?? [];
    if (shadow) check(element, [shadow], "the mark");
    else faults.push(`${named(element)} has no mark that it is chosen`);
  }
  return faults;
}

/** Whether what to press next is in the window, without scrolling. */
export function isOnFirstScreen() {
  const panel = document.querySelector("[role=tabpanel]:not([hidden])");
  const button = panel.querySelector("button[type=submit]");
  return !button || button.getBoundingClientRect().bottom + scrollY <= innerHeight;
}
