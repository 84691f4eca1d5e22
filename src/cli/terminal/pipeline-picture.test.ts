import { expect, it } from "vitest";
import type { PipelineSpec, TaskSpec } from "../../core/manifest.ts";
import { aPipeline, RecordedOutput } from "../rows-for-tests.ts";
import { pipelinePicture } from "./pipeline-picture.ts";
import { retriesText } from "./retries-text.ts";

const PLAIN = aPipeline({ extract: [], load: ["extract"], check: ["extract"], notify: ["load", "check"] });
const RICH: PipelineSpec = {
  ...PLAIN,
  description: "What was sold, by day.",
  owner: "sales-data",
  tags: ["finance"],
  schedules: [
    {
      name: "main",
      timing: { kind: "cron", expression: "0 6 * * *" },
      timezone: "Europe/Berlin",
      ...{ catchUp: "latest", graceMs: 600_000, enabled: true, params: {} },
    },
  ],
  params: {
    type: "object",
    properties: {
      region: { enum: ["eu", "us"], type: "string", default: "eu" },
      limit: { type: "integer", description: "rows at most" },
      ids: { type: "array", items: { anyOf: [{ type: "string" }, { type: "null" }] } },
    },
    required: ["limit"],
  },
  tasks: [
    task(0, {
      kind: "shell",
      retries: { limit: 4, delay: { kind: "exponential", firstMs: 30_000, factor: 2, maxMs: 600_000 }, jitter: 0.1 },
    }),
    task(1, { outputs: [{ key: "warehouse/revenue" }], concurrency: 1 }),
    task(2, { timeoutMs: 90_000, allowFailure: true }),
    task(3, { when: "none_failed" }),
  ],
};

it("says what starts a pipeline that has triggers", () => {
  const source = { kind: "event", event: "orders.arrived", filter: { key: "eu", where: [] } } as const;
  const after = { kind: "pipeline", pipeline: "fetch", state: "success", interval: "same" } as const;
  const triggers = [source, after].map((of, index) => {
    return { name: `t${index}`, location: PLAIN.location, source: of, params: {} };
  });
  expect(pipelinePicture({ ...PLAIN, triggers }, new RecordedOutput({ columns: 140 })).split("\n")[1]).toBe(
    'on orders.arrived where key "eu" · after fetch: success',
  );
});

it("shows everything a pipeline says of itself", () => {
  expect(pipelinePicture(RICH, new RecordedOutput({ columns: 140 })).split("\n")).toEqual([
    "daily_sales_report  pipelines/sales.ts:3",
    "What was sold, by day.",
    "schedule 0 6 * * * (Europe/Berlin) · owner sales-data · tags finance",
    "",
    "PARAMETER  TYPE",
    'region     "eu" | "us"        default "eu"',
    "limit      integer            required      rows at most",
    "ids        (string | null)[]  optional",
    "",
    "TASK         KIND      WHEN         RETRIES                        TIMEOUT  NOTES",
    "●   extract  shell                  4: after 30s, ×2, at most 10m",
    "├─╮",
    "│ ● load     function                                                       at most 1 at a time · writes warehouse/revenue",
    "● │ check    function                                              90s      may fail",
    "├─╯",
    "●   notify   function  none_failed",
  ]);
});

it("leaves out what no task has, and shows the states of a run", () => {
  const states = new Map([
    [0, "success"],
    [1, "failed"],
    [3, "upstream_failed"],
  ] as const);
  expect(pipelinePicture(PLAIN, new RecordedOutput(), states).split("\n").slice(3)).toEqual([
    "TASK         STATE            KIND      NOTES",
    "✔   extract  success          function",
    "├─╮",
    "│ ✖ load     failed           function",
    "  │ check    -                function",
    "├─╯",
    "▽   notify   upstream failed  function",
  ]);
});

it("says the edges in words where they cannot be drawn", () => {
  const names = Array.from({ length: 40 }, (_, index) => `part_${index}`);
  const wide = aPipeline({ start: [], ...Object.fromEntries(names.map((name) => [name, ["start"]])), join: names });
  const lines = pipelinePicture(wide, new RecordedOutput({ columns: 80 })).split("\n");
  expect(lines.slice(3, 6)).toEqual([
    "TASK       KIND      AFTER                               NOTES",
    "● start    function",
    "● part_0   function  start",
  ]);
  expect(lines.at(-1)).toBe("● join     function  part_0, part_1, part_2 and 37 more");
});

it("keeps within the terminal by shortening the notes", () => {
  const long = { ...PLAIN, tasks: [task(0, { description: "very ".repeat(40) })] };
  for (const line of pipelinePicture(long, new RecordedOutput({ columns: 60 })).split("\n"))
    expect(line.length).toBeLessThanOrEqual(60);
});

it.each([
  [{ kind: "fixed", ms: 500 }, "2: after 500ms"],
  [{ kind: "list", ms: [1_000, 60_000, 5_400_000] }, "2: after 1s, 1m, 90m"],
  [{ kind: "exponential", firstMs: 1_500, factor: 3 }, "2: after 1.5s, ×3"],
] as const)("tells the retries of %j", (delay, text) => {
  expect(retriesText({ limit: 2, delay, jitter: 0 })).toBe(text);
});

function task(index: number, parts: Partial<TaskSpec>): TaskSpec {
  const plain = PLAIN.tasks[index];
  if (plain === undefined) throw new Error(`No task ${index}.`);
  return { ...plain, ...parts };
}
