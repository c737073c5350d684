"use client";

import * as age from "age-rt-wasm";
import { useEffect, useState } from "react";
import { job } from "../job.mjs";

export default function Client() {
  // Rendered on the server as well, where it must do no harm.
  useState(() => new age.AgeEncryptStream("passphrase"));
  const [report, setReport] = useState();
  useEffect(() => {
    job(age).then(setReport);
  }, []);
  return report && <pre id="client">{JSON.stringify(report)}</pre>;
}
