import { spawn } from "node:child_process";
import { createRequire } from "node:module";
import { dirname, join, relative } from "node:path";
import { parseArgs } from "node:util";
import { dayFiles } from "./day-files.ts";
import { deliverControlTotals, type TypingError } from "./demo/control-delivery.ts";
import { resultTables } from "./demo/result-tables.ts";

/** The whole day with the longest mean delay of the archive. */
const DEFAULT_DAY = "2001-06-15";

const USAGE = `Usage: npm run demo -- [options]

Runs the pipeline "flights" on one day of 2001 and shows what came of it.

  --date DAY   a day from 2001-01-01 to 2001-06-30 (default: ${DEFAULT_DAY})
  --flaky      the download of the flights breaks off twice; the task backs off and succeeds
  --broken     an airport mistyped its count; the day is refused until someone mends it
  --help       show this`;

const PROJECT = import.meta.dirname;
const FOLDER = "data";

/** As the connection `warehouse` in batuta.json says. */
const WAREHOUSE = join(PROJECT, FOLDER, "warehouse.duckdb");

interface Wish {
  readonly day: string;
  readonly mode: "plain" | "flaky" | "broken";
}

async function demo(argv: readonly string[]): Promise<number> {
  const wish = readArguments(argv);
  if (wish === "help") {
    console.log(USAGE);
    return 0;
  }
  if ("problem" in wish) {
    console.error(`${wish.problem}\n\n${USAGE}`);
    return 2;
  }
  return runAndShow(wish);
}

function readArguments(argv: readonly string[]): Wish | "help" | { readonly problem: string } {
  try {
    const { values } = parseArgs({ args: [...argv], options: OPTIONS, strict: true });
    if (values.help) return "help";
    if (values.flaky && values.broken) return { problem: "Choose one of --flaky and --broken." };
    if (!/^\d{4}-\d{2}-\d{2}$/.test(values.date)) return { problem: `"${values.date}" is not a day like 2001-06-15.` };
    return { day: values.date, mode: values.flaky ? "flaky" : values.broken ? "broken" : "plain" };
  } catch (error) {
    if (error instanceof TypeError && "code" in error) return { problem: error.message };
    throw error;
  }
}

const OPTIONS = {
  date: { type: "string", default: DEFAULT_DAY },
  flaky: { type: "boolean", default: false },
  broken: { type: "boolean", default: false },
  help: { type: "boolean", short: "h", default: false },
} as const;

async function runAndShow({ day, mode }: Wish): Promise<number> {
  const files = dayFiles(PROJECT, FOLDER, day);
  const typingError = await deliverControlTotals(files.controlTotals, day, mode === "broken");
  const trouble = mode === "flaky" ? ["--param", "trouble=flaky"] : [];
  const exitCode = await batuta(["run", "flights", "--date", day, ...trouble]);
  if (exitCode === 0) {
    console.log(`\n${await resultTables(WAREHOUSE, day)}\n\nReport: ${fromHere(files.report)}`);
  } else if (typingError !== undefined) {
    console.log(`\n${repair(typingError, fromHere(files.controlTotals))}`);
  }
  return exitCode;
}

/** Runs the command line tool as a user would, on this project, in this terminal. */
function batuta(args: readonly string[]): Promise<number> {
  const command = join(dirname(createRequire(import.meta.url).resolve("batuta/package.json")), "bin", "batuta.js");
  const child = spawn(process.execPath, [command, ...args, "--project", PROJECT], { stdio: "inherit" });
  // Ctrl-C reaches both processes; the run decides what becomes of it, and this one waits to hear.
  process.on("SIGINT", () => {});
  return new Promise((resolve, reject) => {
    child.once("error", reject);
    child.once("exit", (code, signal) => {
      if (signal !== null) console.error(`The run was ended by ${signal}. The same command goes on where it stopped.`);
      resolve(code ?? 1);
    });
  });
}

function repair({ airport, right, wrong }: TypingError, file: string): string {
  return `validate_data is a dead letter now: nothing behind it runs until someone acts. ${airport} typed ${wrong} where it
meant ${right}. Mend the file, then go on from the failure:

  sed -i.bak s/${airport},${wrong}/${airport},${right}/ ${file}
  npx batuta retry flights --from-failure --project ${fromHere(PROJECT)}`;
}

function fromHere(path: string): string {
  return relative(process.cwd(), path) || ".";
}

process.exitCode = await demo(process.argv.slice(2));
