/** Run in the page before its own scripts. */

/**
 * A dialog that is always answered; what `window.refuse` names fails as a virus scanner or a policy
 * makes it fail.
 */
export function withRefusals() {
  Object.defineProperty(UserActivation.prototype, "isActive", { get: () => true });
  const refuse = (step) => {
    const name = window.refuse?.[step];
    if (name) throw new DOMException(`Blocked at ${step}.`, name);
  };
  window.left = [];
  window.showSaveFilePicker = async ({ suggestedName }) => {
    refuse("dialog");
    window.left.push(suggestedName);
    return {
      async createWritable() {
        refuse("open");
        return {
          write: async () => refuse("write"),
          close: async () => refuse("close"),
          abort: async () => undefined,
        };
      },
      getFile: async () => new File([], suggestedName),
      remove: async () => void window.left.splice(window.left.indexOf(suggestedName), 1),
    };
  };
}
