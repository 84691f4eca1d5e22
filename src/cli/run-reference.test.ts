import { describe, expect, it } from "vitest";
import type { RunFilter, RunRecord } from "../store/store.ts";
import { aRun } from "./rows-for-tests.ts";
import { findRun, shortId } from "./run-reference.ts";

const RUNS = [
  aRun({ id: "0199a1b2-c3d4-7000-8000-00000000000c", pipeline: "sales" }),
  aRun({ id: "0199a1b2-c3d4-7000-8000-00000000000b", pipeline: "cafe" }),
  aRun({ id: "0199a1b2-aaaa-7000-8000-00000000000a", pipeline: "sales" }),
];

describe("findRun", () => {
  it.each([
    ["latest", 0],
    ["sales", 0],
    ["0199a1b2-aaaa", 2],
    ["0199A1B2-AAAA", 2],
    ["0199a1b2-c3d4-7000-8000-00000000000b", 1],
    // A pipeline may have a name that could begin an id.
    ["cafe", 1],
  ])("takes %s for the run that is meant", async (reference, index) => {
    expect(await findRun(store(RUNS), "shop", reference)).toBe(RUNS[index]);
  });

  it.each([
    ["0199a1b2", "usage", "0199a1b2-c3d4-7000-8000-00000000000c  sales"],
    ["slaes", "not_found", 'Did you mean "sales"?'],
    ["dead-beef", "not_found", "batuta runs lists them"],
    ["019", "not_found", "an id or its beginning"],
  ])("refuses %s with what to write instead", async (reference, code, hint) => {
    await expect(findRun(store(RUNS), "shop", reference)).rejects.toMatchObject({
      code,
      hint: expect.stringContaining(hint),
    });
  });

  it("says how to get a first run", async () => {
    await expect(findRun(store([]), "shop", "latest")).rejects.toMatchObject({
      code: "not_found",
      hint: "Start one: batuta run <pipeline>.",
    });
  });
});

it("shows enough of an id to tell runs apart that schedules have made in the same millisecond", () => {
  expect(shortId("01a21918-59a7-72e0-acb0-bd21740376b1")).toBe("01a21918-59a7-72e0");
  expect(shortId("01a21918-59a7-7074-858d-67e163c93b81")).toBe("01a21918-59a7-7074");
});

/** The runs are of one project, newest first. */
function store(runs: readonly RunRecord[]) {
  const matches = (run: RunRecord, { pipeline, idPrefix }: RunFilter): boolean =>
    (pipeline === undefined || run.pipeline === pipeline) && (idPrefix === undefined || run.id.startsWith(idPrefix));
  return {
    run: async (id: string) => runs.find((run) => run.id === id),
    runs: async (filter: RunFilter) => runs.filter((run) => matches(run, filter)).slice(0, filter.limit),
  };
}
