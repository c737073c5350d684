/**
 * The package, with two workers for every stream and every call that takes them: what its tests
 * import instead of it.
 */
import * as age from "../../../../node_modules/age-rt-wasm/dist/index.js";

export * from "../../../../node_modules/age-rt-wasm/dist/index.js";

const WORKERS = { workers: 2 };

/**
 * Options as they came where they are no plain object of options: what is refused is to be refused
 * for its own reason.
 */
function withWorkers(options) {
  if (options === undefined) return WORKERS;
  const plain =
    typeof options === "object" &&
    options !== null &&
    typeof options.addEventListener !== "function";
  // Inherited ones too, as the package reads them.
  return plain ? Object.assign(Object.create(options), { workers: options.workers ?? 2 }) : options;
}

/** A constructor that makes the package's own objects. */
function streams(kind) {
  return new Proxy(kind, {
    construct: (target, [key, options, ...rest]) => new target(key, withWorkers(options), ...rest),
  });
}

export const AgeEncryptStream = streams(age.AgeEncryptStream);
export const AgeDecryptStream = streams(age.AgeDecryptStream);
export const AgeAutoDecryptStream = streams(age.AgeAutoDecryptStream);

export const encrypt = (data, key, options) =>
  age.encrypt(data, key, options?.format === "age-rt" ? options : withWorkers(options));
export const decrypt = (data, key, options) => age.decrypt(data, key, withWorkers(options));
