import { testCommandLine } from "./lib/command-line.js";

testCommandLine(
  "age",
  "install it with your system's package manager (Debian: apt-get install age)",
);
