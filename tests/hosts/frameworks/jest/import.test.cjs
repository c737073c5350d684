test("importing does no harm where much of the platform is missing", () => {
  expect(typeof TextEncoder).toBe("undefined");
  expect(typeof ReadableStream).toBe("undefined");
  expect(typeof require("age-rt-wasm").encrypt).toBe("function");
});
