import { expect, test } from "vitest";
import { z } from "zod";
import { asset, cron, exponential, fatal, pipeline, skip } from "../sdk/index.ts";
import { shell } from "../tasks/index.ts";
import { fails, hangs, returns, runPipeline } from "./index.ts";

const sales = pipeline(
  "sales",
  {
    params: z.object({ region: z.enum(["eu", "us"]).default("eu"), rate: z.number().default(1) }),
    retries: exponential({ limit: 4, first: "1h", factor: 2, jitter: 0 }),
  },
  ({ task }) => {
    const orders = task("extract", async ({ ds, params, log }) => {
      log.info("fetching", { region: params.region });
      return [{ day: ds, amount: 2 * params.rate }];
    });
    const total = task("sum", { input: { orders } }, ({ input }) =>
      input.orders.reduce((sum, { amount }) => sum + amount, 0),
    );
    task(
      "notify",
      { input: { total }, when: "all_done" },
      ({ input }) => `${input.total.state}: ${input.total.value ?? "none"}`,
    );
  },
);

test("a pipeline runs on the real engine with its own functions, values flow, and its log is kept", async () => {
  const run = await runPipeline(sales, { date: "2024-01-02", params: { rate: 3 } });
  run.succeeded().states({ extract: "success", sum: "success", notify: "success" });
  run
    .task("extract")
    .returned([{ amount: 6, day: "2024-01-02" }])
    .logged('fetching {"region":"eu"}');
  run.task("sum").returned(6);
  run.task("notify").returned("success: 6");
  expect(run.facts.params).toEqual({ region: "eu", rate: 3 });
});

test("retries of hours take no real time, and their delays are exact (RT-1)", async () => {
  const run = await runPipeline(sales, { stubs: { extract: fails("down").times(4).followedBy(returns([])) } });
  run.succeeded().task("extract").attempts(5).startedAfter("15h");
  expect(run.task("extract").backoffsMs).toEqual([1, 2, 4, 8].map((hours) => hours * 3_600_000));
});

test("the fifth failure is final, and what hangs on it is upstream_failed (RT-1, ST-4)", async () => {
  const run = await runPipeline(sales, { stubs: { extract: fails("down") } });
  run.failed().states({ extract: "failed", sum: "upstream_failed", notify: "success" });
  run.task("extract").failed("down").attempts(5);
  run.task("notify").returned("upstream_failed: none");
});

test("a stub may be a function of the context", async () => {
  const run = await runPipeline(sales, { stubs: { extract: ({ attempt }) => [{ day: "x", amount: attempt }] } });
  run.succeeded().task("sum").returned(1);
});

test("a task that never ends is ended by its time-out, in virtual time (RT-4, I32)", async () => {
  const slow = pipeline("slow", ({ task }) => {
    task("wait", { timeout: "2h" }, async () => 1);
  });
  const run = await runPipeline(slow, { stubs: { wait: hangs() } });
  expect(run.failed().task("wait").facts.failure?.reason).toBe("timeout");
});

test("a stub takes the virtual time it says", async () => {
  const run = await runPipeline(sales, { stubs: { extract: returns([]).taking("45m") } });
  expect(run.succeeded().task("extract").facts.attempts[0]?.durationMs).toBe(45 * 60_000);
  run.task("sum").startedAfter("45m");
});

test("skip() and fatal() end a task without retry (SK-4, RT-3)", async () => {
  const ending = pipeline("ending", { retries: 3 }, ({ task }) => {
    task("nothing_new", () => skip("no new files"));
    task("hopeless", () => fatal("wrong password"));
  });
  const run = await runPipeline(ending);
  run.task("nothing_new").skipped().attempts(1);
  run.task("hopeless").failed("wrong password").attempts(1);
});

test("retryIf decides about another attempt (RT-3)", async () => {
  const choosy = pipeline("choosy", { retries: 3 }, ({ task }) => {
    task("a", { retryIf: ({ message }) => message !== "permanent" }, ({ attempt }) => {
      throw new Error(attempt === 2 ? "permanent" : "passing");
    });
  });
  (await runPipeline(choosy)).task("a").failed("permanent").attempts(2);
});

test("doneWhen ends a task as a success without running it (RT-7)", async () => {
  const done = pipeline("done", ({ task }) => {
    task("a", { doneWhen: () => true }, () => {
      throw new Error("must not run");
    });
  });
  const run = await runPipeline(done);
  expect(run.succeeded().task("a").facts.reason).toBe("done_when");
});

test("SK-3: runIf that is false skips its task alone, and what depends on it follows by its rule", async () => {
  const weekly = pipeline("weekly", ({ task }) => {
    const rows = task("rows", () => [1, 2]);
    const summary = task("summary", { input: { rows }, runIf: ({ input }) => input.rows.length > 2 }, () => "sum");
    task("mail", { after: summary }, () => "sent");
    task("archive", { after: [rows, summary], when: "none_failed" }, shell`true`);
    task("shelled", { runIf: async () => false }, shell`exit 1`);
  });
  const run = await runPipeline(weekly);
  run.succeeded().states({ summary: "skipped", mail: "skipped", archive: "success", shelled: "skipped" });
  expect(run.task("summary").facts.reason).toBe("run_if");
});

test("a runIf that throws is asked again by the next attempt, and the work is never done unasked", async () => {
  let asked = 0;
  const unsure = pipeline("unsure", { retries: 3 }, ({ task }) => {
    task("a", { runIf: () => (++asked < 3 ? noCalendar() : false) }, () => 1);
    task("b", { runIf: () => true }, ({ attempt }) => (attempt < 3 ? noCalendar() : attempt));
  });
  const run = await runPipeline(unsure);
  run.task("a").skipped().attempts(3);
  expect(asked).toBe(3);
  expect(run.task("a").facts.attempts[0]?.failure).toMatchObject({ message: "no calendar", asking: "runIf" });
  run.task("b").succeeded().returned(3);
});

function noCalendar(): never {
  throw new Error("no calendar");
}

test("a run without a date takes the schedule's last complete interval (TI-2)", async () => {
  const daily = pipeline("daily", { schedule: cron("0 6 * * *", { timezone: "Europe/Berlin" }) }, ({ task }) => {
    task("a", { outputs: [asset("x")] }, ({ interval, ds }) => ({ start: interval.start, end: interval.end, ds }));
  });
  const run = await runPipeline(daily, { now: "2024-07-10T09:00:00Z" });
  run.task("a").returned({ start: "2024-07-09T04:00:00.000Z", end: "2024-07-10T04:00:00.000Z", ds: "2024-07-09" });
});

test("a value over 1 MiB reaches its dependants all the same", async () => {
  const large = pipeline("large", ({ task }) => {
    const text = task("make", () => "x".repeat(3_000_000));
    task("measure", { input: { text } }, ({ input }) => input.text.length);
  });
  (await runPipeline(large)).succeeded().task("measure").returned(3_000_000);
});

test("shell tasks run for real, with their inputs, their log and their exit code", async () => {
  const shelled = pipeline("shelled", ({ task }) => {
    const name = task("name", () => "world");
    task(
      "greet",
      { input: { name } },
      shell`echo "hello on {{ ds }}"; echo '{"type":"output","value":{"n":3}}' >> "$BATUTA_MESSAGES"`,
    );
    task("break", { after: name }, shell`exit 3`);
    task("nothing", { after: name }, shell`exit 99`);
  });
  const run = await runPipeline(shelled, { date: "2024-01-02" });
  run.task("greet").succeeded().returned({ n: 3 }).logged("hello on 2024-01-02");
  expect(run.task("break").failed().facts.failure?.exitCode).toBe(3);
  run.task("nothing").skipped();
});

test("wrong parameters, dates and stub names are errors before anything runs", async () => {
  await expect(runPipeline(sales, { params: { region: "mars" } })).rejects.toMatchObject({ code: "invalid_params" });
  await expect(runPipeline(sales, { date: "2024-02-30" })).rejects.toMatchObject({ code: "invalid_date" });
  await expect(runPipeline(sales, { stubs: { extrakt: returns(1) } })).rejects.toThrow(/no task "extrakt"/);
});

test("a failed assertion shows the whole run", async () => {
  const run = await runPipeline(sales, { stubs: { extract: fails("disk on fire") } });
  expect(() => run.succeeded()).toThrow(
    /Expected the run to end as success[\s\S]*extract +failed, 5 attempts: disk on fire/,
  );
});

test("a task that takes too long in real time is named, and the test ends", async () => {
  const stuck = pipeline("stuck", ({ task }) => {
    task("forever", () => new Promise<number>(() => {}));
  });
  await expect(runPipeline(stuck, { realTimeLimitMs: 50 })).rejects.toThrow(/forever/);
});
