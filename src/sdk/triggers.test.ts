import { expect, test } from "vitest";
import { z } from "zod";
import { errorOf } from "./definition-for-tests.ts";
import { onEvent, onFile, onPipeline, type PipelineOptions, pipeline } from "./index.ts";

function define(options: PipelineOptions) {
  return pipeline("load", options, ({ task }) => void task("only", () => 1));
}

test("triggers are plain data in the manifest, with names of their own", () => {
  const other = pipeline("daily_sales", ({ task }) => void task("only", () => 1));
  const { spec } = define({
    on: [
      onEvent("orders.arrived", {
        key: "eu",
        where: { region: "eu", size: { gte: 10, lt: 20 }, customer: { tier: { in: ["gold"] } }, "a.b": null },
        debounce: "30s",
        batch: { every: "1m", max: 5 },
      }),
      onPipeline(other, { state: "finished", interval: "none", name: "after_sales" }),
    ],
  });
  expect(spec.triggers).toMatchObject([
    {
      name: "orders.arrived",
      source: {
        ...{ kind: "event", event: "orders.arrived" },
        filter: {
          key: "eu",
          where: [
            { path: "region", is: "eq", value: "eu" },
            { path: "size", is: "gte", value: 10 },
            { path: "size", is: "lt", value: 20 },
            { path: "customer.tier", is: "in", value: ["gold"] },
            { path: "a.b", is: "eq", value: null },
          ],
        },
      },
      debounce: { quietMs: 30_000, maxWaitMs: 300_000 },
      batch: { everyMs: 60_000, max: 5 },
      params: {},
    },
    { name: "after_sales", source: { pipeline: "daily_sales", state: "finished", interval: "none" } },
  ]);
  expect(JSON.parse(JSON.stringify(spec.triggers))).toEqual(spec.triggers);
});

test("files that start runs are plain data, with a name each", () => {
  const { spec } = define({
    on: [
      onFile("in/*.csv", { params: { file: "{{ event.path }}" }, batch: { every: "1m" } }),
      onFile("/data/**/[ab].{csv,gz}", { name: "data", stableFor: 0, pollEvery: "1m", existing: "ignore" }),
    ],
  });
  expect(spec.triggers).toMatchObject([
    {
      ...{ name: "files", hasTemplates: true, batch: { everyMs: 60_000 } },
      source: { kind: "file", glob: "in/*.csv", stableForMs: 5_000, pollEveryMs: 10_000, existing: "count" },
    },
    {
      name: "data",
      source: { glob: "/data/**/[ab].{csv,gz}", stableForMs: 0, pollEveryMs: 60_000, existing: "ignore" },
    },
  ]);
});

test("parameters are settled when the file is loaded, unless they name the event", () => {
  const params = z.object({ file: z.string(), region: z.string().default("eu") });
  const named = onEvent("files", { params: { file: "{{ event.path }}" } });
  expect(define({ params, on: named }).spec.triggers).toMatchObject([
    { params: { file: "{{ event.path }}" }, hasTemplates: true },
  ]);
  const said = define({ params, on: onEvent("files", { params: { file: "a.csv" } }) }).spec.triggers;
  expect(said).toMatchObject([{ params: { file: "a.csv", region: "eu" } }]);
  expect(errorOf(() => define({ params, on: onEvent("files") }))).toMatchObject({
    message: expect.stringContaining('Runs that trigger "files" starts have wrong parameters'),
  });
});

test("what is wrong with a trigger is told at its place, with what to write instead", () => {
  const wrong: readonly (readonly [() => unknown, RegExp, RegExp])[] = [
    [() => onEvent("pipeline:daily"), /"pipeline:daily" of onEvent is no name of an event/, /orders\.arrived/],
    [() => onEvent("a", { wher: {} } as object), /Unknown option `wher` of onEvent\("a"\)/, /Did you mean `where`\?/],
    [
      () => onEvent("a", { where: { size: { gte: 10, between: 3 } } }),
      /"between", which is no comparison/,
      /eq, ne, gt/,
    ],
    [() => onEvent("a", { where: { size: { gte: true } } }), /`gte` of "size"/, /gte: 10/],
    [() => onEvent("a", { where: { size: {} } }), /"size" in `where` of onEvent\("a"\) is empty/, /Comparisons are/],
    [() => onEvent("a", { where: { "a..b": 1 } }), /"a\.\.b" in `where` .* is no path/, /where: /],
    [() => onEvent("a", { where: { at: Number.NaN } }), /which is no JSON/, /where: /],
    [() => onEvent("a", { params: { file: "{{ evnt.path }}" } }), /\{\{ evnt\.path \}\}/, /Names are: event, events/],
    [() => onEvent("a", { debounce: { quiet: "1m", atMost: "1s" } }), /`atMost`/, /It may be from 1 min 00 s up\./],
    [() => onEvent("a", { batch: { every: "1m", max: 0 } }), /`max` of `batch`/, /from 1 to 1000/],
    [
      () => onPipeline("a", { state: "done" } as object),
      /`state` of onPipeline\("a"\) is "done"/,
      /"success" or "failed"/,
    ],
    [() => onFile(""), /The pattern "" of onFile is empty/, /onFile\("in\/\*\*\/\*\.csv"\)/],
    [() => onFile("in/{{ ds }}.csv"), /holds a template/, /onFile/],
    [() => onFile("in/"), /names a folder/, /onFile/],
    [() => onFile("in/{a,b.csv"), /has a brace without its other one/, /onFile/],
    [() => onFile("in/[ab.csv"), /has a bracket without its other one/, /onFile/],
    [() => onFile("a\0"), /NUL/, /onFile/],
    [() => onFile("x".repeat(1_001)), /has 1001 characters/, /onFile/],
    [() => onFile("a", { existing: "skip" } as object), /`existing` of onFile\("a"\) is "skip"/, /"count" or "ignore"/],
    [() => onFile("a", { pollEvery: 1 }), /`pollEvery`/, /from 100 ms/],
    [() => onFile("a", { stableFr: 1 } as object), /Unknown option `stableFr`/, /Did you mean `stableFor`\?/],
    [() => define({ on: [onFile("a"), onFile("b")] }), /Two triggers .* are called "files"/, /files_too/],
    [() => onPipeline(""), /pipeline name/, /letters/],
    [() => define({ on: [onEvent("a"), onEvent("a", { key: "b" })] }), /Two triggers .* are called "a"/, /a_too/],
    [() => define({ on: "a" } as object), /`on` of pipeline "load" holds "a"/, /onEvent/],
  ];
  for (const [make, message, hint] of wrong) {
    expect(errorOf(make)).toMatchObject({
      ...{ message: expect.stringMatching(message), hint: expect.stringMatching(hint) },
    });
  }
  expect(() => onEvent("a", { params: { file: "{{ event.path" } })).toThrow(/never closed/);
});
