import { packageVersion } from "./package-version.ts";

/**
 * Runs one command line, without `node` and the script in front, and says how it ended (architecture.md, section 6).
 * Imports next to nothing by itself: a verb brings what it needs.
 */
export async function main(argv: readonly string[]): Promise<number> {
  const [first] = argv;
  if (argv.length === 1 && (first === "--version" || first === "-V")) {
    process.stdout.write(`${packageVersion()}\n`);
    return 0;
  }
  const { runCommandLine } = await import("./command-line.ts");
  return runCommandLine(argv);
}
