/**
 * The command line, as age reads it: one dash or two, `--name value` or `--name=value`; and flags
 * after the files too, as in rage.
 */
import { wrongUsage } from "./failure.js";

/**
 * A flag by its long name: its short one, and whether it takes a value once, takes one each time,
 * or none.
 */
interface Flag {
  readonly short?: string;
  readonly value: "none" | "one" | "many";
}

const COMMON = {
  output: { short: "o", value: "one" },
  force: { short: "f", value: "none" },
  help: { short: "h", value: "none" },
} as const satisfies Record<string, Flag>;

const KEYS = {
  passphrase: { short: "p", value: "none" },
  recipient: { short: "r", value: "many" },
  "recipients-file": { short: "R", value: "many" },
  identity: { short: "i", value: "many" },
  j: { value: "one" },
  armor: { short: "a", value: "none" },
} as const satisfies Record<string, Flag>;

/** Each command's flags. Without a name it is the first. */
const COMMANDS = {
  age: {
    ...COMMON,
    ...KEYS,
    encrypt: { short: "e", value: "none" },
    decrypt: { short: "d", value: "none" },
    rt: { value: "none" },
    version: { value: "none" },
  },
  keygen: { ...COMMON, pq: { value: "none" }, y: { value: "none" } },
  inspect: { json: { value: "none" }, help: COMMON.help },
  rekey: { ...COMMON, ...KEYS },
} as const satisfies Record<string, Record<string, Flag>>;

export type CommandName = keyof typeof COMMANDS;

/** What was given. */
export interface Given {
  readonly command: CommandName;
  readonly flags: ReadonlySet<string>;
  readonly values: ReadonlyMap<string, readonly string[]>;
  /** Undefined is standard input, and so is `-`. */
  readonly input: string | undefined;
}

/** @throws Failure with the exit code of wrong usage. */
export function parse(args: readonly string[]): Given {
  const [first = ""] = args;
  const isNamed = Object.hasOwn(COMMANDS, first) && first !== "age";
  const command = isNamed ? (first as CommandName) : "age";
  const rest = command === "age" ? [...args] : args.slice(1);
  const known: Record<string, Flag> = COMMANDS[command];
  const flags = new Set<string>();
  const values = new Map<string, string[]>();
  const inputs: string[] = [];
  for (let word = rest.shift(); word !== undefined; word = rest.shift()) {
    if (word === "--") {
      inputs.push(...rest.splice(0));
    } else if (!word.startsWith("-") || word === "-") {
      inputs.push(word);
    } else {
      const [, text = "", value] = /^--?([^=]*)(?:=(.*))?$/s.exec(word) ?? [];
      const name = nameOf(known, text);
      if (name === undefined) throw wrongUsage(`there is no flag ${word.split("=")[0]}`, SEE_HELP);
      take(name, (known[name] as Flag).value, value);
    }
  }
  if (inputs.length > 1)
    throw wrongUsage(
      `there is one INPUT at most, and these are ${inputs.length}: ${inputs.join(" ")}`,
      "a name with spaces belongs in quotes",
    );
  return { command, flags, values, input: inputs[0] };

  function take(name: string, takes: Flag["value"], value: string | undefined): void {
    if (takes === "none") {
      if (value !== undefined) throw wrongUsage(`--${name} takes no value`);
      flags.add(name);
      return;
    }
    const taken = value ?? rest.shift();
    if (taken === undefined) throw wrongUsage(`--${name} wants a value`);
    const before = values.get(name) ?? [];
    if (takes === "one" && before.length > 0) throw wrongUsage(`--${name} was given twice`);
    values.set(name, [...before, taken]);
  }
}

const SEE_HELP = "see --help";

function nameOf(known: Record<string, Flag>, text: string): string | undefined {
  return Object.keys(known).find((name) => name === text || known[name]?.short === text);
}
