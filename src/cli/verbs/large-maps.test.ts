import { describe, expect, test } from "vitest";
import { type CommandResult, envelope, field, type TestProject, testProject } from "../cli-for-tests.ts";

/** `npm run test:large` takes as many as a map takes unless it says more. */
const ITEMS = Number(process.env.BATUTA_ITEMS ?? 2_000);
const isLarge = ITEMS >= 100_000;
const FAILED = ITEMS / 50;

const MAP = `
import { pipeline } from "batuta";

export default pipeline("large", ({ task }) => {
  const list = task("list", () => Array.from({ length: ${ITEMS} }, (_, item) => ({ name: "item-" + item, item })));
  const each = task("each", { map: list, label: "name" }, ({ item, log }) => {
    if (item.item % 50 !== 7) return item.item;
    log.info("about to fail " + item.name);
    throw new Error("no luck with " + item.name);
  });
  task("join", { input: { each }, when: "all_done" }, async ({ input, log }) => {
    let good = 0;
    for await (const { state } of input.each) if (state === "success") good += 1;
    log.info("good: " + good);
  });
});
`;

/** Loaded into every process of Node; that of the command itself says at its end how much memory it has held. */
const TELL_PEAK = `data:text/javascript,${encodeURIComponent(
  `process.on("exit",()=>{if(/batuta\\.js$/.test(process.argv[1]))process.stderr.write("peak "+process.resourceUsage().maxRSS*1024)})`,
)}`;

test(
  `DM-1, DM-3: a map of ${ITEMS.toLocaleString("en")} runs in bounded memory, and every command about it is brief`,
  async () => {
    const project = testProject({ "pipelines/large.ts": MAP });
    const run = await project.start(["run", "large"], { NODE_OPTIONS: `--import=${TELL_PEAK}` }).ended;
    expect(run.code).toBe(1);
    expect(run.stdout).toContain(
      `${(ITEMS - FAILED).toLocaleString("en")} success, ${FAILED.toLocaleString("en")} failed`,
    );
    expect(run.stdout).toContain(`… and ${(FAILED - 20).toLocaleString("en")} items more`);
    expect(run.stderr).toContain(`… and ${(FAILED - 10).toLocaleString("en")} more that failed`);
    expect(linesOf(run)).toBeLessThan(180);
    expect(Number(/peak (\d+)/.exec(run.stderr)?.[1])).toBeLessThan(400e6);
    for (const [args, said] of COMMANDS) {
      const result = await project.batuta(...args);
      expect([args.join(" "), result.code, result.stdout]).toEqual([args.join(" "), 0, expect.stringContaining(said)]);
      expect([args.join(" "), linesOf(result) < 220]).toEqual([args.join(" "), true]);
    }
  },
  isLarge ? 600_000 : 120_000,
);

const COMMANDS: readonly (readonly [readonly string[], string])[] = [
  [["why", "latest"], `… and ${FAILED - 30} tasks more`],
  [["why", "latest", "each"], "no luck with item-7"],
  [["why", "latest", "each[57]"], "no luck with item-57"],
  [["show", "--run", "latest"], "✖ each"],
  [["dead-letters"], "no luck with"],
  [["dead-letters", "show", "1"], "about to fail"],
  [["logs", "latest", "each[7]"], "about to fail item-7"],
  [["logs", "latest", "join"], `good: ${ITEMS - FAILED}`],
  [["logs", "latest", "--tail", "3"], "about to fail"],
  [["clear", "latest", "each", "--dry-run"], "task runs more"],
];

function linesOf({ stdout, stderr }: CommandResult): number {
  return `${stdout}${stderr}`.split("\n").length;
}

const LIMIT = 256 * 2 ** 20;

/** A list of one text; with its brackets and quotes so many bytes of JSON. */
const LIMITS = `
import { fixed, pipeline } from "batuta";
import { python } from "batuta/tasks";

const listOf = (bytes) => ["x".repeat(bytes - 4)];
const retries = fixed({ limit: 2, delay: "100ms" });

export default pipeline("limits", { retries }, ({ task }) => {
  let before = task("begin", () => 1);
  for (const bytes of [${LIMIT - 1}, ${LIMIT}, ${LIMIT + 1}]) {
    const list = task("list_" + bytes, { after: before, when: "all_done" }, () => listOf(bytes));
    before = task("each_" + bytes, { map: list }, ({ item }) => item.length);
  }
  task("said", { after: before, when: "all_done" }, python\`
import json, os
with open(os.environ["BATUTA_MESSAGES"], "a") as messages:
    messages.write('{"type": "output", "value": ["' + "x" * ${LIMIT} + '"]}\\\\n')
  \`);
});
`;

// Each of these takes a gigabyte for a moment.
describe.skipIf(!isLarge)("values as large as can be", () => {
  test("B59: a list of the largest size is worked off, a larger one is refused, once and with its reason", async () => {
    const project = testProject({ "pipelines/limits.ts": LIMITS });
    const tasks = await tasksOf(project);
    for (const bytes of [LIMIT - 1, LIMIT]) {
      expect(tasks.get(`each_${bytes}[0]`)).toMatchObject({ state: "success", attempts: 1 });
    }
    const message = "The output cannot be kept: $ is larger than 256 MiB as JSON.";
    expect(tasks.get(`list_${LIMIT + 1}`)).toMatchObject({ state: "failed", attempts: 1, failure: { message } });
    expect(tasks.get("said")).toMatchObject({ state: "failed", attempts: 1, failure: { reason: "invalid_output" } });
  }, 300_000);
});

async function tasksOf(project: TestProject): Promise<ReadonlyMap<unknown, unknown>> {
  const reports = field(envelope(await project.batuta("run", "limits", "--json")), "data", "tasks");
  if (!Array.isArray(reports)) throw new Error("no tasks");
  return new Map(reports.map((report: unknown) => [field(report, "name"), report]));
}
