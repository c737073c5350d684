import "age-rt-wasm/worker";
