import { expect, test } from "vitest";
import type { TaskSpec } from "../core/manifest.ts";
import { event, file, httpOk, pipelineDone, poll, sqlRows, until } from "../tasks/index.ts";
import { defineSensor, notYet, pipeline, type TaskKind } from "./index.ts";

test("WT-1: a sensor is data, with the patience it was given or else has by itself", () => {
  expect(executionOf(file("in/{{ ds }}/*.csv"))).toEqual({
    via: "sensor",
    sensor: {
      kind: "file",
      by: "host",
      config: { path: "in/{{ ds }}/*.csv", stableForMs: 5_000, count: 1 },
      pollEvery: { firstMs: 5_000, factor: 1.5, maxMs: 60_000 },
      timeoutMs: 7 * 86_400_000,
      onTimeout: "fail",
      pollTimeoutMs: 30_000,
      errorsMax: 10,
    },
  });
  const patient = { pollEvery: { first: "1s", max: "5m" }, timeout: "6h", onTimeout: "skip", errorsMax: 3 } as const;
  expect(executionOf(poll(() => true, patient))).toMatchObject({
    sensor: {
      ...{ kind: "poll", by: "function", config: null, pollTimeoutMs: 5_000, timeoutMs: 21_600_000, onTimeout: "skip" },
      ...{ errorsMax: 3, pollEvery: { firstMs: 1_000, factor: 2, maxMs: 300_000 } },
    },
  });
  expect(executionOf(poll(() => true, { pollEvery: "30s" }))).toMatchObject({
    sensor: { pollEvery: { firstMs: 30_000, factor: 1, maxMs: 30_000 } },
  });
  expect(executionOf(until("06:30"))).toMatchObject({ sensor: { by: "store", config: { at: "06:30" } } });
  expect(executionOf(until({ after: "2h" }))).toMatchObject({ sensor: { config: { afterMs: 7_200_000 } } });
  expect(executionOf(pipelineDone("sales", { offset: "-1d" }))).toMatchObject({
    sensor: { by: "store", config: { pipeline: "sales", offsetMs: -86_400_000 } },
  });
  expect(executionOf(event("orders", { key: "{{ ds }}", where: { size: { gte: 1 } } }))).toMatchObject({
    sensor: {
      by: "store",
      config: { name: "orders", key: "{{ ds }}", where: [{ path: "size", is: "gte", value: 1 }] },
    },
  });
  const url = "https://api.example.com/days/{{ ds }}";
  expect(executionOf(httpOk({ url, where: { state: "closed" } }))).toMatchObject({
    sensor: {
      config: { url: ["https://api.example.com/days/", { name: "ds", value: "{{ ds }}" }], where: { state: "closed" } },
    },
  });
  expect(specOf(sqlRows("select 1 where {{ ds }} = '{{ ds }}'", { connection: "warehouse" })).connections).toEqual([
    "warehouse",
  ]);
});

test("WT-1: what is said wrongly of a sensor is told at its place", () => {
  expect(() => file("")).toThrow('The path of file(…) is "".');
  expect(() => file("in/{{ ds }", {})).toThrow("never closed");
  expect(() => file("a", { stableFor: "soon" })).toThrow("not a length of time");
  expect(() => file("a", { onTimeout: "wait" as "fail" })).toThrow('`onTimeout` of file(…) is "wait".');
  expect(() => file("a", { pollEvery: "1ms" })).toThrow("`pollEvery` of file(…)");
  expect(() => file("a", { pollEvery: { first: "1s", factor: 0.5, max: "1m" } })).toThrow("`factor`");
  expect(() => file("a", { retries: 3 } as object)).toThrow("Unknown option `retries` of file(…).");
  expect(() => until("25:00")).toThrow("no moment to wait for");
  expect(() => until(7 as unknown as string)).toThrow("The moment of until(…) is 7.");
  expect(() => httpOk({ url: "https://a", where: [] as never })).toThrow("`where` of httpOk(…) is no object.");
  expect(() => sqlRows("select '{{ ds }} x'", { connection: "a" })).toThrow("Wrong template");
  expect(() => pipelineDone("sales", { offset: "soon" })).toThrow("not a length of time");
  expect(() => event("a:b")).toThrow("is no name of an event");
  expect(() => event("a", { where: { size: { gt: null } } })).toThrow('`gt` of "size" in `where` of event("a")');
  expect(() => poll(7 as unknown as () => true)).toThrow("The function of poll(…) is 7.");
  const odd = defineSensor({ name: "odd", check: () => true });
  expect(() => odd({ run: (() => 1) as unknown as string })).toThrow(
    "The configuration of odd(…) is no plain data: $.run is a function",
  );
  expect(() => defineSensor({ name: "Odd One", check: () => true })).toThrow("no name for a task kind");
});

test("WT-1: options of attempts mean nothing to a sensor, and a branch or short circuit is none", () => {
  for (const option of ["timeout", "totalTimeout", "memoryLimit"] as const) {
    const value = option === "memoryLimit" ? "1 GiB" : "5m";
    expect(() => pipeline("p", ({ task }) => void task("wait", { [option]: value }, file("a")))).toThrow(
      `task "wait" is a sensor and has \`${option}\`.`,
    );
  }
  const given = [{ retries: 3 }, { pool: "db" }, { concurrency: 2 }, { runIf: () => true }, { doneWhen: () => true }];
  for (const options of [...given, { cache: true }, { dependsOnPast: true }, { retryIf: () => true }]) {
    expect(() => pipeline("p", ({ task }) => void task("wait", options, file("a")))).toThrow("is a sensor and has");
  }
  expect(() => pipeline("p", ({ shortCircuit }) => void shortCircuit("wait", until("06:30") as never))).toThrow(
    'short circuit "wait" is given a sensor.',
  );
  // Of the pipeline they are the defaults of its other tasks.
  expect(() => pipeline("p", { retries: 3, timeout: "5m" }, ({ task }) => void task("wait", file("a")))).not.toThrow();
});

test("notYet: says what was seen, what to keep, and when to look again", () => {
  expect(notYet()).toEqual({ batuta: "not_yet" });
  expect(notYet("2 of 5", { memory: [2], again: "10s" })).toEqual({
    ...{ batuta: "not_yet", seen: "2 of 5", memory: [2], againMs: 10_000 },
  });
  expect(() => notYet("x", { again: "soon" })).toThrow("not a length of time");
});

function specOf(kind: TaskKind<unknown>): TaskSpec {
  const { spec } = pipeline("p", ({ task }) => void task("wait", kind as TaskKind));
  const [task] = spec.tasks;
  if (task === undefined) throw new Error("No task");
  return task;
}

function executionOf(kind: TaskKind<unknown>): TaskSpec["execution"] {
  return specOf(kind).execution;
}
