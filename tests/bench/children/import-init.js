import { init } from "age-rt-wasm";

await init();
