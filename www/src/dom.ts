/**
 * The element with this id, of this kind. The page is ours: a missing one is a mistake in
 * index.html.
 */
export function byId<E extends HTMLElement>(id: string, kind: new () => E): E {
  return checked(document.getElementById(id), kind, `#${id}`);
}

/** The first element within `root` that matches. */
export function within<E extends Element>(
  root: ParentNode,
  selector: string,
  kind: new () => E,
): E {
  return checked(root.querySelector(selector), kind, selector);
}

/** A fresh copy of a <template>'s only child. */
export function fromTemplate(id: string): HTMLElement {
  const child = byId(id, HTMLTemplateElement).content.firstElementChild;
  return checked(child && document.importNode(child, true), HTMLElement, `#${id}`);
}

/**
 * Moves the focus to something that is not a control, for those who cannot see that it appeared.
 */
export function focusOn(element: HTMLElement): void {
  element.tabIndex = -1;
  element.focus();
}

function checked<E>(element: unknown, kind: new () => E, what: string): E {
  if (element instanceof kind) return element;
  throw new Error(`index.html has no ${kind.name} ${what}`);
}
