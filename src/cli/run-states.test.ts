import { expect, test } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import type { TaskRunState } from "../core/state.ts";
import { pipeline } from "../sdk/index.ts";
import { RunStates } from "./run-states.ts";

const SPEC: PipelineSpec = {
  ...pipeline("sales", ({ task, group }) => {
    const extract = task("extract", () => [1, 2]);
    group("load", { after: extract, retries: 1 }, (inner) => {
      const fetch = inner.task("fetch", () => 1);
      inner.task("store", { after: fetch }, () => 1);
    });
    group("each", { map: extract }, (inner) => {
      const fetch = inner.task("fetch", () => 1);
      inner.task("store", { after: fetch }, () => 1);
    });
    task("report", { after: ["load", "each"] }, () => 1);
  }).spec,
  graphHash: "",
};

/** Rows as `name` or `name[3]`; all others are scheduled, and the members of `each` have not been expanded. */
function states(given: Readonly<Record<string, TaskRunState>>): (name: string) => Record<string, TaskRunState> {
  const plain = SPEC.tasks.map(({ name }): [string, TaskRunState] => [name, "scheduled"]);
  const rows = new Map([...plain, ...Object.entries(given)]);
  const found = [...rows].map(([text, state]) => {
    const [name = "", mapKey = ""] = text.split(/[[\]]/);
    return { taskIndex: SPEC.tasks.findIndex((task) => task.name === name), mapKey, state };
  });
  const run = new RunStates(SPEC, found);
  return (text) => {
    const [name = "", mapKey = ""] = text.split(/[[\]]/);
    const taskIndex = SPEC.tasks.findIndex((task) => task.name === name);
    const waits = run.waitsFor({ taskIndex, mapKey, state: "scheduled" });
    return Object.fromEntries([...waits].map(([index, state]) => [SPEC.tasks[index]?.name ?? "", state]));
  };
}

test("a member of a group waits for what its group waits for, or for the group's next attempt", () => {
  expect(states({ extract: "running" })("load.fetch")).toEqual({ extract: "running" });
  const retried = states({ extract: "success", "load/start": "retrying" });
  expect(retried("load.fetch")).toEqual({ "load/start": "retrying" });
  expect(retried("report")).toMatchObject({ "load.fetch": "scheduled", "load.store": "scheduled" });
});

test("a task run of a mapped group waits for those of its own item", () => {
  const waits = states({
    ...{ extract: "success", "each/start": "success", "each.fetch": "success", "each.store": "success" },
    ...{ "each.fetch[0]": "success", "each.store[0]": "scheduled", "each.fetch[1]": "running" },
  });
  expect(waits("each.store[0]")).toEqual({});
  expect(waits("each.store[1]")).toEqual({ "each.fetch": "running" });
});

test("DM-3: of a mapped group with 30,000 items every one is asked about without looking at all the others", () => {
  const items = Array.from({ length: 30_000 }, (_, item): readonly [string, TaskRunState] => [
    `each.fetch[${item}]`,
    item === 17 ? "failed" : "success",
  ]);
  const taskIndex = SPEC.tasks.findIndex(({ name }) => name === "each.store");
  const rows = items.map(([text, state]) => {
    const [name = "", mapKey = ""] = text.split(/[[\]]/);
    return { taskIndex: SPEC.tasks.findIndex((task) => task.name === name), mapKey, state };
  });
  const run = new RunStates(SPEC, rows);
  const upstream = rows.map(({ mapKey }) => [...run.upstream({ taskIndex, mapKey, state: "scheduled" }).values()]);
  expect(upstream[17]).toEqual(["failed"]);
  expect(upstream.flat().filter((state) => state === "success")).toHaveLength(29_999);
}, 20_000);
