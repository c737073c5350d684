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

const ABOUT = {
  help: { short: "h", value: "none" },
  version: { value: "none" },
} as const satisfies Record<string, Flag>;

const COMMON = {
  output: { short: "o", value: "one" },
  force: { short: "f", value: "none" },
  ...ABOUT,
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
  },
  keygen: { ...COMMON, pq: { value: "none" }, y: { value: "none" } },
  inspect: { json: { value: "none" }, ...ABOUT, version: { short: "v", value: "none" } },
  rekey: { ...COMMON, ...KEYS },
} as const satisfies Record<string, Record<string, Flag>>;

export type CommandName = keyof typeof COMMANDS;

const SCRIPTS =
  'scripts use -j batchpass, with AGE_PASSPHRASE_FD or AGE_PASSPHRASE: see "age-rt-wasm --help"';
const ASKS = `-p takes no passphrase behind it, where others could see it: it asks for one; ${SCRIPTS}`;
const ASKED = `a passphrase is asked for: -p makes such a file, and -d tells it by itself; ${SCRIPTS}`;

/** Flags of other programs that encrypt, and what is there in their place. */
const INSTEAD: Readonly<Record<string, string>> = {
  V: "use --version",
  v: "use --version",
  "max-work-factor":
    "work factors up to 22 are opened; with -j batchpass AGE_PASSPHRASE_MAX_WORK_FACTOR is the limit",
  pass: ASKED,
  password: ASKED,
  "passphrase-file": SCRIPTS,
  "passphrase-fd": SCRIPTS,
  c: ASKED,
  symmetric: ASKED,
  k: "-i names a file of identities",
  key: "-i names a file of identities",
  "identities-file": "use -i or --identity",
  plugin: "-j batchpass is the only plugin that is built in",
};

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
      if (name === undefined)
        throw wrongUsage(`there is no flag ${word.split("=")[0]}`, hintFor(command, text));
      take(name, (known[name] as Flag).value, value);
    }
  }
  if (inputs.length > 1) {
    const most = `there is one INPUT at most, and these are ${inputs.length}`;
    // One of them may be a passphrase, which must not end up in a log.
    if (flags.has("passphrase")) throw wrongUsage(most, ASKS);
    throw wrongUsage(`${most}: ${inputs.join(" ")}`, "a name with spaces belongs in quotes");
  }
  return { command, flags, values, input: inputs[0] };

  function take(name: string, takes: Flag["value"], value: string | undefined): void {
    if (takes === "none") {
      if (value !== undefined)
        throw wrongUsage(`--${name} takes no value`, name === "passphrase" ? ASKS : SEE_HELP);
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

/** What to use in place of a flag that this command has not. */
function hintFor(command: CommandName, text: string): string {
  const instead = Object.hasOwn(INSTEAD, text) ? INSTEAD[text] : undefined;
  if (instead) return instead;
  const others = Object.keys(COMMANDS) as CommandName[];
  const other = others.find((name) => name !== command && nameOf(COMMANDS[name], text));
  if (!other) return SEE_HELP;
  return `it is a flag of "age-rt-wasm${other === "age" ? "" : ` ${other}`}"; ${SEE_HELP}`;
}
