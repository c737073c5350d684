/** The private storage that tabs of the page share. Run in the page. */

/** As a tab in the middle of its work, after others that were killed. */
export async function writesAndLeaves(writing, left) {
  const root = await navigator.storage.getDirectory();
  const folder = await root.getDirectoryHandle("results", { create: true });
  await new Promise((held) => {
    void navigator.locks.request(writing, () => new Promise(() => held()));
  });
  const handle = await folder.getFileHandle(writing, { create: true });
  window.writable = await handle.createWritable();
  for (const name of left) await folder.getFileHandle(name, { create: true });
}

export async function leftIs(wanted) {
  const root = await navigator.storage.getDirectory();
  const names = [];
  for await (const name of (await root.getDirectoryHandle("results")).keys()) names.push(name);
  return names.sort().join() === wanted.join();
}
