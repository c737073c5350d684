import { readdir } from "node:fs/promises";

export const dynamic = "force-dynamic";

const FOLDER = process.env.FILES ?? "files";

export default async function Page() {
  const names = (await readdir(FOLDER)).filter((name) => name.endsWith(".age")).sort();
  return names.map((name) => (
    <form key={name} method="post" action={`/download/${name.slice(0, -".age".length)}`}>
      <label>
        Passphrase of {name} <input name="passphrase" type="password" required />
      </label>{" "}
      <button>Download</button>
    </form>
  ));
}
