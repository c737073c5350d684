import * as age from "age-rt-wasm";
import { job } from "../job.mjs";
import Client from "./client.js";

export const dynamic = "force-dynamic";

export default async function Page() {
  return (
    <main>
      <pre id="server">{JSON.stringify(await job(age))}</pre>
      <Client />
    </main>
  );
}
