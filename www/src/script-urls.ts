/** The page's policy demands that addresses of scripts come from a named place: this one. */

const SERVICE_WORKER = "service-worker.js";

const policy = window.trustedTypes?.createPolicy("age-rt-page", {
  createScriptURL(url) {
    // What is behind a blob's address was made by this page, which checks its hash first.
    if (url === SERVICE_WORKER || url.startsWith("blob:")) return url;
    throw new TypeError(`${url} is no script of this page`);
  },
});

export const serviceWorkerUrl = trusted(SERVICE_WORKER);

/** The same address as browsers with trusted types want it; the DOM's types know only strings. */
export function trusted(url: string): string {
  return (policy?.createScriptURL(url) ?? url) as string;
}
