import { expect, it } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import type { RunRecord, TaskRunFilter } from "../store/store.ts";
import { findLender } from "./find-lender.ts";
import { aPipeline, aRun, aTaskRun } from "./rows-for-tests.ts";

const GRAPH = aPipeline({ extract: [], load: ["extract"] });
const [EXTRACT, LOAD] = GRAPH.tasks;
if (EXTRACT === undefined || LOAD === undefined) throw new Error("The graph has two tasks.");
const PIPELINE: PipelineSpec = { ...GRAPH, tasks: [EXTRACT, { ...LOAD, input: { rows: 0 } }] };
const RENAMED: PipelineSpec = { ...PIPELINE, tasks: [{ ...EXTRACT, name: "other" }, LOAD] };
const ASKED = { start: 1_000, end: 2_000 };
const OTHER = { start: 0, end: 1_000 };

it("prefers the newest run of the same interval to a newer one of another", async () => {
  const runs = [run("newest", OTHER), run("same", ASKED), run("same_older", ASKED)];
  expect(await lender(runs)).toBe("same");
});

it("takes the newest run in which all inputs have succeeded", async () => {
  const runs = [run("failed", ASKED), run("fits", OTHER)];
  expect(await lender(runs, { succeeded: ["fits"] })).toBe("fits");
});

it("passes over a run of a version in which the index means another task", async () => {
  const runs = [{ ...run("renamed", ASKED), versionHash: "renamed" }, run("fits", OTHER)];
  expect(await lender(runs)).toBe("fits");
});

it("needs no run for a task without inputs, and says when there is none for one with", async () => {
  expect(await lender([], { task: 0 })).toBeUndefined();
  await expect(lender([run("failed", ASKED)], { succeeded: [] })).rejects.toMatchObject({
    code: "not_found",
    hint: "Run the whole pipeline once: batuta run daily_sales_report.",
  });
});

it("DM-1: borrows the list that a mapped task goes over, and runs no member of a mapped group alone", async () => {
  const over = { over: { kind: "task", index: 0 }, limit: 10 } as const;
  const mapped: PipelineSpec = { ...GRAPH, tasks: [EXTRACT, { ...LOAD, map: over }] };
  const group = { name: "each", location: LOAD.location, map: over };
  const member: PipelineSpec = { ...GRAPH, groups: [group], tasks: [EXTRACT, { ...LOAD, group: 0 }] };
  expect(await lender([run("fits", ASKED)], { pipeline: mapped })).toBe("fits");
  await expect(lender([run("fits", ASKED)], { pipeline: member })).rejects.toMatchObject({ code: "usage" });
});

it("DM-1: takes no run in which an item of a mapped input has failed", async () => {
  const runs = [run("half", ASKED), run("fits", ASKED)];
  expect(await lender(runs, { halfFailed: ["half"] })).toBe("fits");
});

interface Asked {
  readonly task?: number;
  readonly succeeded?: readonly string[];
  /** With an item that has failed beside one that has succeeded. */
  readonly halfFailed?: readonly string[];
  readonly pipeline?: PipelineSpec;
}

async function lender(
  runs: readonly RunRecord[],
  { task = 1, succeeded = runs.map(({ id }) => id), halfFailed = [], pipeline = PIPELINE }: Asked = {},
): Promise<string | undefined> {
  const store = {
    runs: async () => runs,
    version: async (hash: string) => ({
      hash,
      project: "shop",
      manifest: { format: 1 as const, pipelines: [hash === "renamed" ? RENAMED : PIPELINE] },
    }),
    taskRuns: async (id: string, { taskIndexes = [], states = [] }: TaskRunFilter = {}) =>
      taskIndexes.flatMap((index) => [
        ...(states.includes("success") && succeeded.includes(id) ? [aTaskRun(index, { state: "success" })] : []),
        ...(states.includes("failed") && halfFailed.includes(id) ? [aTaskRun(index, { state: "failed" })] : []),
      ]),
  };
  const found = await findLender(store, { project: "shop", pipeline, task, interval: ASKED });
  return found?.id;
}

function run(id: string, interval: RunRecord["interval"]): RunRecord {
  return aRun({ id, interval });
}
