import { execFile } from "node:child_process";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import { basename, join } from "node:path";
import { afterAll, beforeAll, expect, it } from "vitest";

const EXAMPLE = import.meta.dirname;

/** Out of git's sight, but below the package, so that the copy finds `batuta` as the original does. */
const COPIES = join(EXAMPLE, "..", ".batuta");

let project: string;

beforeAll(() => {
  mkdirSync(COPIES, { recursive: true });
  project = mkdtempSync(join(COPIES, "demo-"));
  const withoutLeftovers = (path: string) => ![".batuta", "data"].includes(basename(path)) || path === project;
  cpSync(EXAMPLE, project, { recursive: true, filter: withoutLeftovers });
});

afterAll(() => rmSync(project, { recursive: true, force: true }));

it("runs the pipeline and shows a table and the path of the report", async () => {
  const { exitCode, stdout } = await demo();
  expect(exitCode).toBe(0);
  expect(stdout).toMatch(/2001-06-15 +Friday +16,503 +39.2 % +26.9 min/);
  expect(stdout).toMatch(/EWR +Newark, NJ +324 +57.1 % +61.0 min/);
  const report = /^Report: (.+)$/m.exec(stdout)?.[1] ?? "no report";
  expect(readFileSync(join(project, report), "utf8")).toContain("<h1>Friday, 15 June 2001</h1>");
});

it("succeeds at the third attempt with --flaky, and says why it tried again", async () => {
  const { exitCode, stderr } = await demo("--flaky", "--date", "2001-01-03");
  expect(exitCode).toBe(0);
  expect(stderr).toMatch(
    /extract_flights retrying in .+ after attempt 2: The download broke off: 2.0 of 13.5 MB arrived/,
  );
});

it("fails with --broken, and the commands it prints repair the day and go on from the failure", async () => {
  const { exitCode, stdout, stderr } = await demo("--broken", "--date", "2001-04-06");
  expect(exitCode).toBe(1);
  expect(stderr).toMatch(/validate_data failed.+The flights of 2001-04-06 are refused: .+ reports \d+ departures/);
  expect(stdout).toMatch(/notify_team +upstream failed/);
  const [mend, retry] = stdout.match(/^ {2}(sed|npx batuta) .+$/gm) ?? [];
  expect(retry).toContain("--from-failure");
  const again = await start("sh", ["-c", `${mend} && ${retry?.replace("npx batuta", BATUTA)}`]);
  expect(again.exitCode).toBe(0);
  expect(again.stderr).toContain("Running 4 tasks");
  expect(existsSync(join(project, "data", "reports", "flights-2001-04-06.html"))).toBe(true);
});

it.each([
  [["--nonsense"], "Unknown option '--nonsense'"],
  [["today"], "Unexpected argument 'today'"],
  [["--date", "tomorrow"], '"tomorrow" is not a day like 2001-06-15.'],
  [["--flaky", "--broken"], "Choose one of --flaky and --broken."],
])("refuses %j with exit code 2 and shows its usage", async (args, problem) => {
  const { exitCode, stderr } = await demo(...args);
  expect(exitCode).toBe(2);
  expect(stderr).toContain(problem);
  expect(stderr).toContain("Usage: npm run demo -- [options]");
});

const BATUTA = `"${process.execPath}" "${join(EXAMPLE, "..", "..", "bin", "batuta.js")}"`;

interface Ended {
  readonly exitCode: number | string | null | undefined;
  readonly stdout: string;
  readonly stderr: string;
}

function demo(...args: readonly string[]): Promise<Ended> {
  return start(process.execPath, ["demo.ts", ...args]);
}

function start(program: string, args: readonly string[]): Promise<Ended> {
  return new Promise((resolve) => {
    const env = { ...process.env, NO_COLOR: "1" };
    execFile(program, [...args], { cwd: project, env }, (error, stdout, stderr) => {
      resolve({ exitCode: error === null ? 0 : error.code, stdout, stderr });
    });
  });
}
