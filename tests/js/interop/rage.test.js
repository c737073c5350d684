import { testCommandLine } from "./lib/command-line.js";

testCommandLine("rage", "`npm test` installs it, or `cargo install rage --root target/tools`");
