import { expect, test } from "vitest";
import { z } from "zod";
import { contextForTests } from "../tasks/context-for-tests.ts";
import { define, errorOf, taskOf } from "./definition-for-tests.ts";
import {
  asset,
  cron,
  daily,
  defineTaskKind,
  delays,
  exponential,
  type PipelineBuilder,
  pipeline,
  type TaskRef,
} from "./index.ts";

test("the example of the design compiles to a specification with upstream before dependants", () => {
  const revenue = asset("warehouse/daily_revenue", { partitions: daily({ start: "2024-01-01" }) });
  const definition = pipeline(
    "daily_sales_report",
    {
      schedule: cron("0 6 * * *", { timezone: "Europe/Berlin" }),
      params: z.object({ region: z.enum(["eu", "us"]).default("eu") }),
      owner: "sales-data",
      tags: ["finance"],
      retries: exponential({ limit: 4, first: "30s", factor: 2, max: "10m" }),
      timeout: "15m",
    },
    ({ task }) => {
      const crm = task("extract_crm", async ({ params }) => [{ id: 1, region: params.region }]);
      const erp = task("extract_erp", async () => [{ id: 1, amount: 2 }]);
      const joined = task(
        "join_sources",
        { input: { crm, erp } },
        async ({ input }) => input.crm.length + input.erp.length,
      );
      const valid = task("validate_data", { input: { joined } }, async ({ input }) => input.joined > 0);
      const load = task("load_warehouse", { input: { joined }, outputs: [revenue] }, async () => {});
      task("notify_team", { after: [load, valid], when: "none_failed" }, async ({ log }) => log.info("done"));
    },
  );
  const { tasks, ...spec } = definition.spec;
  expect(spec).toMatchObject({
    name: "daily_sales_report",
    owner: "sales-data",
    tags: ["finance"],
    timezone: "Europe/Berlin",
    schedules: [
      {
        name: "main",
        timing: { kind: "cron", expression: "0 6 * * *" },
        timezone: "Europe/Berlin",
        ...{ catchUp: "latest", graceMs: 600_000, enabled: true },
        params: { region: "eu" },
      },
    ],
    params: { type: "object", properties: { region: { enum: ["eu", "us"], default: "eu" } } },
  });
  expect(tasks.map(({ name, upstream }) => [name, upstream])).toEqual([
    ["extract_crm", []],
    ["extract_erp", []],
    ["join_sources", [0, 1]],
    ["validate_data", [2]],
    ["load_warehouse", [2]],
    ["notify_team", [3, 4]],
  ]);
  expect(tasks[2]).toMatchObject({ input: { crm: 0, erp: 1 }, when: "all_success", kind: "function" });
  expect(tasks[4]).toMatchObject({ outputs: [{ key: "warehouse/daily_revenue" }], timeoutMs: 900_000 });
  expect(tasks[5]).toMatchObject({ when: "none_failed", input: {}, retries: { limit: 4, jitter: 0.1 } });
});

test("what is left out has the documented defaults, and pipeline defaults reach every task", () => {
  const plain = taskOf(
    define(({ task }) => void task("a", () => 1)),
    "a",
  );
  expect(plain).toMatchObject({
    when: "all_success",
    retries: { limit: 0 },
    hasRetryCode: false,
    hasDoneWhen: false,
    lostLimit: 3,
    graceMs: 10_000,
    queue: "default",
    priority: 0,
    allowFailure: false,
    inputs: [],
    outputs: [],
    connections: [],
  });
  expect(plain).not.toHaveProperty("timeoutMs");
  const set = pipeline("set", { retries: 2, timeout: "1m", queue: "heavy", priority: 5 }, ({ task }) => {
    task("a", () => 1);
    task("b", { retries: 0, timeout: "2h", queue: "light", priority: -1 }, () => 1);
  });
  expect(taskOf(set, "a")).toMatchObject({ retries: { limit: 2 }, timeoutMs: 60_000, queue: "heavy", priority: 5 });
  expect(taskOf(set, "b")).toMatchObject({ retries: { limit: 0 }, timeoutMs: 7_200_000, queue: "light", priority: -1 });
});

test("every task option is kept", () => {
  const spec = taskOf(
    define(({ task }) => {
      task(
        "a",
        {
          grace: "3s",
          memoryLimit: "512 MiB",
          concurrency: 2,
          lostLimit: 0,
          allowFailure: true,
          inputs: [asset("raw/orders")],
          connections: ["warehouse"],
          description: "Loads",
          retries: delays(() => "1s", { limit: 2 }),
          retryIf: ({ attempt }) => attempt < 2,
          doneWhen: () => true,
        },
        () => 1,
      );
    }),
    "a",
  );
  expect(spec).toMatchObject({
    graceMs: 3_000,
    memoryLimitBytes: 512 * 2 ** 20,
    concurrency: 2,
    lostLimit: 0,
    allowFailure: true,
    inputs: [{ key: "raw/orders" }],
    connections: ["warehouse"],
    description: "Loads",
    hasRetryCode: true,
    hasDoneWhen: true,
    retries: { limit: 2 },
  });
});

test("the functions of a definition are the user's own, by task name", async () => {
  const definition = pipeline("p", { params: z.object({ n: z.number() }) }, ({ task }) => {
    task(
      "double",
      { runIf: ({ params }) => params.n > 4, doneWhen: ({ params }) => params.n === 0, retryIf: () => false },
      ({ params }) => params.n * 2,
    );
  });
  const functions = definition.functions.get("double");
  const context = contextForTests({ params: { n: 4 } });
  expect(await functions?.run?.(context)).toBe(8);
  expect(await functions?.runIf?.(context)).toBe(false);
  expect(definition.spec.tasks[0]?.hasRunIf).toBe(true);
  expect(await functions?.doneWhen?.(context)).toBe(false);
  expect(await functions?.retryIf?.({ reason: "error", message: "", attempt: 1 })).toBe(false);
});

test("a process kind has no function to run, and its connections join those of the task", () => {
  const list = defineTaskKind({
    name: "list",
    connections: () => ["lake", "warehouse"],
    command: ({ folder }: { folder: string }) => ({ argv: ["ls", folder] }),
  });
  const definition = define(({ task }) => void task("a", { connections: ["warehouse"] }, list({ folder: "/" })));
  expect(taskOf(definition, "a")).toMatchObject({
    kind: "list",
    execution: { via: "process", command: { argv: ["ls", "/"], env: {}, skipExitCode: 99 } },
    connections: ["warehouse", "lake"],
  });
  expect(definition.functions.get("a")).toEqual({});
});

test("names in `after` may be defined further down; the order is set right", () => {
  const definition = define(({ task }) => {
    task("report", { after: ["load"] }, () => 1);
    task("load", () => 1);
  });
  expect(definition.spec.tasks.map(({ name }) => name)).toEqual(["load", "report"]);
  expect(taskOf(definition, "report").upstream).toEqual([0]);
});

test("a cycle is printed as its path", () => {
  const error = errorOf(() =>
    define(({ task }) => {
      const a = task("a", { after: ["c"] }, () => 1);
      const b = task("b", { after: a }, () => 1);
      task("c", { after: [b] }, () => 1);
    }),
  );
  expect(error.message).toContain("a → b → c → a");
});

test("an unknown task in `after` is an error that names the nearest", () => {
  const error = errorOf(() =>
    define(({ task }) => {
      task("load_orders", () => 1);
      task("report", { after: ["laod_orders"] }, () => 1);
    }),
  );
  expect(error.message).toContain('"laod_orders"');
  expect(error.hint).toBe('Did you mean "load_orders"?');
});

test("two tasks of one name are an error at the second one", () => {
  let line = 0;
  const error = errorOf(() =>
    define(({ task }) => {
      task("a", () => 1);
      line = Number(/:(\d+):\d+\)?$/m.exec(new Error("here").stack?.split("\n")[1] ?? "")?.[1]) + 1;
      task("a", () => 2);
    }),
  );
  expect(error.message).toMatch(/Two tasks are called "a"/);
  expect(error.line).toBe(line);
});

test("a task of another pipeline, or something else, is no input", () => {
  let other: TaskRef | undefined;
  pipeline("other", ({ task }) => {
    other = task("theirs", () => 1);
  });
  const foreign = errorOf(() => define(({ task }) => void task("a", { after: [other as never] }, () => 1)));
  expect(foreign.message).toContain('"theirs", a task of pipeline "other"');
  const early = errorOf(() => define(({ task }) => void task("a", { input: { rows: undefined as never } }, () => 1)));
  expect(early.message).toContain("used before it is defined");
  const number = errorOf(() => define(({ task }) => void task("a", { input: { rows: 3 as never } }, () => 1)));
  expect(number.message).toContain("is no task of this pipeline, but 3");
});

test.each([
  ["a name with a space", () => pipeline("a b", () => {}), /"a b" has at position 2 a space/],
  ["a task name with a slash", () => define(({ task }) => void task("a/b", () => 1)), /"a\/b"/],
  ["no task", () => define(() => {}), /has no task/],
  ["no build function", () => pipeline("p", {}, undefined as never), /no function that defines its tasks/],
  ["an asynchronous build", () => pipeline("p", (() => Promise.resolve()) as never), /is asynchronous/],
  ["an unknown task option", () => define(({ task }) => void task("a", { retires: 1 } as never, () => 1)), /`retires`/],
  ["an unknown pipeline option", () => pipeline("p", { shedule: 1 } as never, () => {}), /`shedule`/],
  ["options that are no object", () => define(({ task }) => void task("a", "x" as never, () => 1)), /are "x"/],
  ["work that is no work", () => define(({ task }) => void task("a", 3 as never)), /The work of task "a" is 3/],
  ["no work at all", () => define(({ task }) => void task("a", {} as never)), /The work of task "a" is an object/],
  [
    "a wrong rule",
    () => define(({ task }) => void task("a", { when: "all_succes" as never }, () => 1)),
    /no trigger rule/,
  ],
  [
    "a wrong time-out",
    () => define(({ task }) => void task("a", { timeout: "soon" }, () => 1)),
    /`timeout` of task "a" "soon"/,
  ],
  [
    "a time-out of nothing",
    () => define(({ task }) => void task("a", { timeout: 0 }, () => 1)),
    /`timeout` of task "a" is 0/,
  ],
  ["a wrong size", () => define(({ task }) => void task("a", { memoryLimit: "512M" }, () => 1)), /"512M"/],
  [
    "no memory at all",
    () => define(({ task }) => void task("a", { memoryLimit: 0 }, () => 1)),
    /`memoryLimit` of task "a" is 0/,
  ],
  [
    "wrong retries",
    () => define(({ task }) => void task("a", { retries: "3" as never }, () => 1)),
    /`retries` of task "a" is "3"/,
  ],
  ["half a retry", () => define(({ task }) => void task("a", { retries: 1.5 }, () => 1)), /retry limit is 1.5/],
  [
    "a wrong priority",
    () => define(({ task }) => void task("a", { priority: 0.5 }, () => 1)),
    /`priority` of task "a" is 0.5/,
  ],
  [
    "no concurrency",
    () => define(({ task }) => void task("a", { concurrency: 0 }, () => 1)),
    /`concurrency` of task "a" is 0/,
  ],
  [
    "a wrong queue",
    () => define(({ task }) => void task("a", { queue: "a b" }, () => 1)),
    /`queue` of task "a" is "a b"/,
  ],
  [
    "an asset by name",
    () => define(({ task }) => void task("a", { outputs: ["x"] as never }, () => 1)),
    /`outputs` of task "a"/,
  ],
  [
    "a wrong doneWhen",
    () => define(({ task }) => void task("a", { doneWhen: true as never }, () => 1)),
    /`doneWhen` of task "a" is true/,
  ],
  [
    "a wrong retryIf",
    () => define(({ task }) => void task("a", { retryIf: 1 as never }, () => 1)),
    /`retryIf` of task "a" is 1/,
  ],
  [
    "a wrong flag",
    () => define(({ task }) => void task("a", { allowFailure: "no" as never }, () => 1)),
    /`allowFailure` of task "a" is "no"/,
  ],
  [
    "an input called __proto__",
    () => define(({ task }) => void task("a", { input: JSON.parse('{"__proto__": 1}') }, () => 1)),
    /name of an input/,
  ],
  ["tags that are no list", () => pipeline("p", { tags: "x" as never }, () => {}), /`tags` of pipeline "p"/],
  [
    "a schedule that is text",
    () => pipeline("p", { schedule: "@daily" as never }, () => {}),
    /`schedule` of pipeline "p"/,
  ],
])("%s is an error at the place of the call", (_, build, message) => {
  const error = errorOf(build);
  expect(error.message).toMatch(message);
  expect(error.hint).not.toBe("");
});

test("an unknown option names the nearest known one", () => {
  expect(errorOf(() => define(({ task }) => void task("a", { retires: 1 } as never, () => 1))).hint).toBe(
    "Did you mean `retries`?",
  );
  expect(errorOf(() => pipeline("p", { pool: "x" } as never, () => {})).hint).toMatch(/^Known options: /);
});

test("a task that is defined after its pipeline is complete is an error", () => {
  let late: PipelineBuilder["task"] | undefined;
  define(({ task }) => {
    late = task;
    task("a", () => 1);
  });
  expect(errorOf(() => late?.("b", () => 1)).message).toMatch(/after pipeline "sales" was complete/);
});

test("ten thousand tasks are defined with the place of each", () => {
  const definition = define(({ task }) => {
    const root = task("root", () => 1);
    const middle = Array.from({ length: 9_998 }, (_, index) =>
      task(`task_${index}`, { input: { root } }, ({ input }) => input.root),
    );
    task("end", { after: middle }, () => 1);
  });
  expect(definition.spec.tasks).toHaveLength(10_000);
  expect(definition.spec.tasks.at(-1)?.upstream).toHaveLength(9_998);
  expect(definition.spec.tasks[5_000]?.location).toEqual({
    file: expect.stringMatching(/pipeline\.test\.ts$/),
    line: expect.any(Number),
    column: expect.any(Number),
  });
});
