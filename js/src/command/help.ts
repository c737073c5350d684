/** What `--help` says, and nothing that is not so: tests run its examples. */
import type { CommandName } from "./arguments.js";

const EXIT_CODES = `Exit codes: 0 done, 1 failed, 2 wrong command line, 128 + N ended by signal N
(141: whoever read the output has closed it). Errors are one line on standard
error, "age-rt-wasm: error: ..."; those of the library end with their code in
brackets, such as [wrong-passphrase].`;

const VERSION = "    --version                   Print the version.";

const OUTPUT = `    -o, --output OUTPUT         Write to the file OUTPUT. It appears whole or not at all.
    -f, --force                 Replace OUTPUT if it exists. (age does so unasked; rage
                                refuses, like this command.)`;

export const HELP: Record<CommandName, string> = {
  age: `Usage:
    age-rt-wasm [--encrypt] (-r RECIPIENT | -R PATH)... [--armor] [--rt] [-o OUTPUT] [INPUT]
    age-rt-wasm [--encrypt] --passphrase [--armor] [--rt] [-o OUTPUT] [INPUT]
    age-rt-wasm --decrypt [-i PATH]... [--rt] [-o OUTPUT] [INPUT]
    age-rt-wasm keygen [-pq] [-o OUTPUT] | keygen -y [INPUT]
    age-rt-wasm inspect [--json] [INPUT]
    age-rt-wasm rekey [-i PATH]... (-r RECIPIENT | -R PATH | -p)... [-o OUTPUT] [INPUT]

The flags of age encrypt and decrypt as they do there. "COMMAND --help" says more
of keygen, inspect and rekey.

Options:
    -e, --encrypt               Encrypt INPUT to OUTPUT. The default.
    -d, --decrypt               Decrypt INPUT to OUTPUT: age or age-rt, armored or not.
${OUTPUT}
    -a, --armor                 Write ASCII text.
    -p, --passphrase            Encrypt with a passphrase, which is asked for.
    -r, --recipient RECIPIENT   Encrypt to RECIPIENT. Can be repeated.
    -R, --recipients-file PATH  Encrypt to the recipients listed in PATH. Can be repeated.
    -i, --identity PATH         Decrypt with the identities in PATH. Can be repeated.
                                With -e, encrypt to them.
    -j batchpass                Take the passphrase from the environment, see below.
    --rt                        Encrypt a live stream, in the format age-rt: each read of
                                INPUT is one message, written at once. With -d, take
                                nothing but age-rt.
${VERSION}

INPUT is standard input unless given, OUTPUT standard output. "-" names them too;
"-o -" also writes binary to a terminal.

RECIPIENT is age1..., age1pq1..., age1tag1..., age1tagpq1..., "ssh-ed25519 AAAA..." or
"ssh-rsa AAAA...". Files of recipients and of identities hold one a line, with comments;
a file of identities may be encrypted with a passphrase, or be an SSH key. "-" reads
one of them from standard input.

Passphrases of scripts: with -j batchpass, and only with it, the passphrase is read from
the descriptor AGE_PASSPHRASE_FD, or is AGE_PASSPHRASE. Prefer the descriptor: other
programs of the same user can read a process's environment.

    age-rt-wasm -d -j batchpass backup.age 3< secret.txt   with AGE_PASSPHRASE_FD=3

AGE_PASSPHRASE_WORK_FACTOR (1 to 20) and AGE_PASSPHRASE_MAX_WORK_FACTOR (1 to 22) set
scrypt's work factor and its limit.

${EXIT_CODES}

Examples:
    age-rt-wasm keygen -o key.txt
    tar cz data | age-rt-wasm -r age1... > data.tar.gz.age
    age-rt-wasm -d -i key.txt -o data.tar.gz data.tar.gz.age
    journalctl -f | age-rt-wasm -r age1... --rt | nc host 7000
    nc -l 7000 | age-rt-wasm -d --rt -i key.txt
`,
  keygen: `Usage:
    age-rt-wasm keygen [-pq] [-o OUTPUT]
    age-rt-wasm keygen -y [-o OUTPUT] [INPUT]

Makes a private key, and writes it as age-keygen does; or, with -y, writes the public
keys of the private ones in INPUT.

Options:
    -pq                         Make a hybrid key, safe against a later quantum computer.
                                age 1.3 and typage read it, older tools do not.
    -y                          Convert a file of identities to its recipients.
${OUTPUT}
${VERSION}

${EXIT_CODES}
`,
  inspect: `Usage:
    age-rt-wasm inspect [--json] [INPUT]

Says what an age file is, from its header. Nothing is decrypted and nothing is
authenticated: anybody can have written what this tells. Sizes are told of files, and
not of what comes through a pipe.

Options:
    --json                      Write JSON, with the names of age-inspect.
${VERSION}

${EXIT_CODES}
`,
  rekey: `Usage:
    age-rt-wasm rekey [-i PATH]... (-r RECIPIENT | -R PATH)... [--armor] [-o OUTPUT] [INPUT]
    age-rt-wasm rekey [-i PATH]... --passphrase [--armor] [-o OUTPUT] [INPUT]

Writes a new header for other keys, and copies the encrypted payload as it is. The old
key is asked for, or is one of -i, or comes with -j batchpass; -r, -R and -p are the
new ones.

This does not revoke: whoever could open the old file, or has its header and key, can
open the new one. To shut somebody out, decrypt and encrypt again. Only the header is
verified; the payload is when it is decrypted.

Options:
    -i, --identity PATH         Open with the identities in PATH. Can be repeated.
    -j batchpass                Open with the passphrase of the environment: see
                                "age-rt-wasm --help".
    -r, --recipient RECIPIENT   Give it to RECIPIENT. Can be repeated.
    -R, --recipients-file PATH  Give it to the recipients listed in PATH. Can be repeated.
    -p, --passphrase            Give it a passphrase, which is asked for.
    -a, --armor                 Write ASCII text.
${OUTPUT}
${VERSION}

${EXIT_CODES}
`,
};
