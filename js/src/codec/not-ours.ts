/** What to say of a value that is not what was expected. Without a WeakMap's entry an object with the methods of ours is not one of ours. */
export function notOurs(value: unknown, method: string, ours: boolean, expected: string): string {
  if (ours || typeof (value as Record<string, unknown> | null | undefined)?.[method] !== "function")
    return `Expected ${expected}`;
  return "This object is of another copy of age-rt-wasm, or behind a proxy: load the package once, and keep the object out of reactive state (markRaw() in Vue)";
}
