import { expect, test } from "vitest";
import { z } from "zod";
import { delays, fixed, pipeline } from "../sdk/index.ts";
import { child } from "../tasks/index.ts";
import { fails, returns, runPipeline } from "./index.ts";

const load = pipeline(
  "load",
  { params: z.object({ region: z.string(), limit: z.number().default(10) }), result: "count" },
  ({ task }) => {
    const rows = task("rows", { queue: "heavy" }, ({ params }) =>
      Array.from({ length: params.limit }, () => params.region),
    );
    task("count", { input: { rows } }, ({ input, ds }) => ({
      rows: input.rows.length,
      first: input.rows[0] ?? null,
      ds,
    }));
  },
);

const calling = pipeline("calling", ({ task }) => {
  const size = task("size", () => ({ limit: 3 }));
  const loaded = task(
    "loaded",
    { input: { size } },
    child<{ rows: number; first: string; ds: string }>("load", {
      params: { region: "eu-{{ ds_nodash }}", limit: "{{ input.size.limit }}" },
    }),
  );
  task("report", { input: { loaded } }, ({ input }) => `${input.loaded.rows} of ${input.loaded.first}`);
});

test("a task starts a run of another pipeline, waits for it, and gives the value of its result", async () => {
  const run = await runPipeline(calling, { pipelines: [load], date: "2024-01-02" });
  run.succeeded().task("loaded").returned({ rows: 3, first: "eu-20240102", ds: "2024-01-02" }).attempts(1);
  run.task("report").returned("3 of eu-20240102");
  expect(run.task("loaded").facts.reason).toMatch(/^child: [0-9a-f-]{36}$/);
});

test("a mapped task starts one run for each item", async () => {
  const regions = pipeline("regions", ({ task }) => {
    const names = task("names", () => [{ code: "eu" }, { code: "us" }]);
    const loaded = task(
      "loaded",
      { map: names },
      child<{ first: string; rows: number }>("load", { params: { region: "{{ item.code }}-{{ index }}", limit: 2 } }),
    );
    task("all", { input: { loaded } }, async ({ input }) => (await input.loaded.toArray()).map(({ first }) => first));
  });
  const run = await runPipeline(regions, { pipelines: [load] });
  run.succeeded().task("all").returned(["eu-0", "us-1"]);
});

test("without waiting the task gives the id of the run", async () => {
  const starting = pipeline("starting", ({ task }) => {
    const started = task("start", child("load", { params: { region: "eu" }, wait: false }));
    task("length", { input: { started } }, ({ input }) => input.started.runId.length);
  });
  (await runPipeline(starting, { pipelines: [load] })).succeeded().task("length").returned(36);
});

test("a run that fails fails the task that waits for it, which tries again with another run", async () => {
  let runs = 0;
  const broken = pipeline("broken", ({ task }) => {
    task("a", () => {
      runs += 1;
      throw new Error("no rows");
    });
  });
  const calls = pipeline("calls", ({ task }) => {
    task("b", { retries: fixed({ limit: 2, delay: "1h", jitter: 0 }) }, child("broken"));
  });
  const run = await runPipeline(calls, { pipelines: [broken] });
  run
    .failed()
    .task("b")
    .failed(/Run [0-9a-f-]{36} of pipeline "broken" failed\./)
    .attempts(3);
  expect(run.task("b").backoffsMs).toEqual([3_600_000, 3_600_000]);
  expect(runs).toBe(3);
});

test("parameters that do not fit, and templates that name nothing, end the task visibly", async () => {
  const wrong = pipeline("wrong", ({ task }) => {
    task("type", { retries: 2 }, child("load", { params: { region: 7 } }));
    task("name", child("load", { params: { region: "{{ params.regoin }}" } }));
    task("nobody", child("calling_nobody"));
  });
  const run = await runPipeline(wrong, { pipelines: [load] });
  run
    .task("type")
    .failed(/region/)
    .attempts(1);
  run.task("name").failed(/params\.regoin/);
  run.task("nobody").failed(/calling_nobody/);
});

test("a pipeline that starts itself ends after so many runs within each other", async () => {
  let runs = 0;
  const endless = pipeline("endless", ({ task }) => {
    const one = task("one", () => {
      runs += 1;
    });
    task("again", { after: one }, child("endless"));
  });
  const run = await runPipeline(endless);
  run.failed();
  expect(runs).toBe(11);
});

test("a time-out of the run that waits ends the run it waits for", async () => {
  const waits = pipeline("waits", { runTimeout: "1h" }, ({ task }) => void task("b", child("sleeps")));
  const aborted: string[] = [];
  const sleeps = pipeline("sleeps", { runTimeout: "1d" }, ({ task }) => {
    task("a", { retries: fixed({ limit: 9, delay: "3h" }) }, () => {
      aborted.push("began");
      throw new Error("later");
    });
  });
  const run = await runPipeline(waits, { pipelines: [sleeps] });
  run.failed().task("b").is("cancelled");
  expect(aborted).toEqual(["began"]);
});

test("a stub stands in for the whole run", async () => {
  const stubs = { loaded: fails("down").followedBy(returns({ rows: 7, first: "x", ds: "" })) };
  const retried = pipeline("retried", { retries: 1 }, ({ task }) => void task("loaded", child("load")));
  (await runPipeline(retried, { stubs }))
    .succeeded()
    .task("loaded")
    .attempts(2)
    .returned({ ds: "", first: "x", rows: 7 });
});

test("SK-3, RT-7: a task that starts a run is asked first whether it is to run at all, and whether it is done", async () => {
  const asking = pipeline("asking", ({ task }) => {
    const region = task("region", () => "eu");
    const started = { input: { region } };
    task(
      "off",
      { ...started, runIf: ({ input }) => input.region === "us" },
      child("load", { params: { region: "a" } }),
    );
    task("on", { ...started, runIf: ({ input }) => input.region === "eu" }, child("load", { params: { region: "b" } }));
    task("done", { doneWhen: () => true, after: "region" }, child("load", { params: { region: "c" } }));
    task("broken", { runIf: () => fail(), after: "region" }, child("load", { params: { region: "d" } }));
  });
  const run = await runPipeline(asking, { pipelines: [load] });
  expect(run.task("off").facts).toMatchObject({ state: "skipped", reason: "run_if" });
  expect(run.task("on").facts).toMatchObject({ state: "success", reason: expect.stringMatching(/^child: /) });
  expect(run.task("done").facts).toMatchObject({ state: "success", reason: "done_when" });
  expect(run.task("broken").facts).toMatchObject({
    state: "failed",
    failure: { message: expect.stringContaining("boom") },
  });
});

function fail(): never {
  throw new Error("boom");
}

test.each([
  ["a `retryIf`", { retries: 2, retryIf: () => true }, /`retries` with fixed, listed or growing delays/],
  ["a delay function", { retries: delays(() => "1s", { limit: 2 }) }, /failures of its tasks are theirs to judge/],
  ["a `cache`", { cache: true as const }, /tasks of the pipeline that it starts/],
])("RT-3: %s of a task that starts a run is refused when the pipeline is loaded", (what, options, hint) => {
  expect(() => pipeline("wrong", ({ task }) => void task("call", options, child("load")))).toThrow(
    expect.objectContaining({
      code: "invalid_definition",
      message: expect.stringContaining(`task "call" starts a pipeline and has ${what}.`),
      hint: expect.stringMatching(hint),
    }),
  );
});
