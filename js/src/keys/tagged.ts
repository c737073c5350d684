/**
 * What recipients and identities of the package have in common: a tag, for which frameworks leave
 * them alone. Plain objects they make proxies of, and a proxy has no private fields. By this tag,
 * too, identities are known that ask nobody.
 */
export abstract class Tagged {
  get [Symbol.toStringTag](): string {
    return "Key";
  }
}
