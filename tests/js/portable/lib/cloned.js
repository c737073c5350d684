/** The name and the code that a cloned error of this package has, by host. */
export const CLONED = {
  Node: { name: "Error", code: null },
  Deno: { name: "Error", code: null },
  Bun: { name: "Error", code: null },
  Chromium: { name: "Error", code: null },
  Firefox: { name: "Error", code: null },
  WebKit: { name: "Error", code: null },
};

export function hostName() {
  if (typeof Deno !== "undefined") return "Deno";
  if (typeof Bun !== "undefined") return "Bun";
  if (typeof document === "undefined") return "Node";
  const { userAgent } = navigator;
  if (userAgent.includes("Firefox")) return "Firefox";
  return /Chrom(e|ium)\//.test(userAgent) ? "Chromium" : "WebKit";
}
