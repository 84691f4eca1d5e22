import { describe, expect, it, test } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const PROBES = `
import { fixed, pipeline } from "batuta";

const MIB = 2 ** 20;

const LISTS = {
  text: () => "abc",
  number: () => 3,
  object: () => ({ a: 1 }),
  nothing: () => undefined,
  null: () => null,
  nan: () => [1, NaN],
  function: () => [1, () => 2],
  gaps: () => [1, undefined, 3],
  empty: () => [],
  too_many: () => Array.from({ length: 100_001 }, (_, item) => item),
  too_many_in_blob: () => Array.from({ length: 100_001 }, (_, item) => ({ name: "number-" + item })),
  text_in_blob: () => "x".repeat(3 * MIB),
  in_blob: () => Array.from({ length: 3 }, (_, item) => ({ name: "n" + item, text: "x".repeat(2 * MIB + item) })),
};

export default pipeline("probes", { retries: fixed({ limit: 2, delay: "100ms" }) }, ({ task }) => {
  for (const [name, make] of Object.entries(LISTS)) {
    const list = task(name, make);
    const each = task("each_" + name, { map: list, label: "name" }, ({ item }) => ({ item: item?.name ?? item, length: item?.text?.length }));
    task("join_" + name, { input: { each } }, async ({ input }) => (await input.each.toArray()).length);
  }
  const none = task("none", () => []);
  const each = task("each_none", { map: none, onEmpty: "success" }, () => 1);
  task("join_none", { input: { each } }, ({ input, log }) => log.info("items: " + input.each.length));
});
`;

type Tasks = ReadonlyMap<unknown, unknown>;

let probes: Promise<Tasks> | undefined;

/** One run for all tests: the first of them makes it. */
function probed(): Promise<Tasks> {
  probes ??= runProbes();
  return probes;
}

async function runProbes(): Promise<Tasks> {
  const project = testProject({ "pipelines/probes.ts": PROBES });
  const result = await project.batuta("run", "probes", "--json");
  const answer = envelope(result);
  expect([result.code, field(answer, "error", "code")]).toEqual([1, "run_failed"]);
  expect((await project.batuta("logs", "latest", "join_none")).stdout).toContain("items: 0");
  const reports = field(answer, "data", "tasks");
  if (!Array.isArray(reports)) throw new Error("no tasks");
  return new Map(reports.map((report: unknown) => [field(report, "name"), report]));
}

const NO_LIST = "Return a list: an array that survives JSON.";
const TOO_MANY = "Let one task run handle several items, or raise `mapLimit`: up to 1000000 are possible.";

describe("maps over what is no list, too long, or empty", () => {
  test.each([
    ["text", "The map goes over the value of text, which is no list.", NO_LIST],
    ["number", "The map goes over the value of number, which is no list.", NO_LIST],
    ["object", "The map goes over the value of object, which is no list.", NO_LIST],
    ["null", "The map goes over the value of null, which is no list.", NO_LIST],
    ["nothing", "The map goes over the value of nothing, which has none.", NO_LIST],
    ["text_in_blob", "The map goes over the value of text_in_blob, which is no list.", NO_LIST],
    ["too_many", "The list has 100001 items, and the map takes at most 100000.", TOO_MANY],
    ["too_many_in_blob", "The list has 100001 items, and the map takes at most 100000.", TOO_MANY],
  ])("DM-1, DM-2: %s fails the mapped task once, with a reason, and makes no task run", async (name, message, hint) => {
    const tasks = await probed();
    expect(tasks.get(name)).toMatchObject({ state: "success" });
    expect(tasks.get(`each_${name}`)).toMatchObject({
      state: "failed",
      failure: { reason: "invalid_map", message, hint },
    });
    expect(tasks.get(`each_${name}[0]`)).toBeUndefined();
    expect(tasks.get(`join_${name}`)).toMatchObject({ state: "upstream_failed" });
  });

  test.each([
    ["nan", "$[1] is NaN, which JSON cannot hold"],
    ["function", "$[1] is a function"],
  ])("DM-1: a list with %s in it fails the task that gave it, with the place", async (name, problem) => {
    const tasks = await probed();
    const message = `The output cannot be kept: ${problem}.`;
    expect(tasks.get(name)).toMatchObject({
      state: "failed",
      attempts: 1,
      failure: { reason: "invalid_output", message },
    });
    expect(tasks.get(`each_${name}`)).toMatchObject({ state: "upstream_failed" });
  });

  it("DM-1: gives null for what JSON has no word for", async () => {
    const tasks = await probed();
    expect(tasks.get("each_gaps[1]")).toMatchObject({ state: "success" });
    expect(tasks.get("join_gaps")).toMatchObject({ state: "success" });
  });

  it("DM-1: hands items of 2 MiB, in a list that is kept in a file, to their task runs", async () => {
    const tasks = await probed();
    for (const item of [0, 1, 2]) {
      expect(tasks.get(`each_in_blob[${item}]`)).toMatchObject({ state: "success", label: `n${item}`, attempts: 1 });
    }
    expect(tasks.get("join_in_blob")).toMatchObject({ state: "success" });
  });

  it("DM-2: skips what goes over an empty list, or lets it succeed with onEmpty", async () => {
    const tasks = await probed();
    expect(tasks.get("each_empty")).toMatchObject({ state: "skipped", reason: "empty_map" });
    expect(tasks.get("join_empty")).toMatchObject({ state: "skipped" });
    expect(tasks.get("each_none")).toMatchObject({ state: "success", reason: "empty_map" });
    expect(tasks.get("join_none")).toMatchObject({ state: "success" });
  });
});

const RELISTED = `
import { pipeline } from "batuta";
import { readFileSync } from "node:fs";

export default pipeline("relisted", ({ task }) => {
  const list = task("list", ({ projectDir }) => JSON.parse(readFileSync(projectDir + "/list.json", "utf8")));
  const each = task("each", { map: list }, ({ item }) => item);
  task("join", { input: { each } }, async ({ input }) => (await input.each.toArray()).join());
});
`;

test("DM-2, DM-4: a list that is none on a re-run fails the map in sight, and the next list is worked off", async () => {
  const project = testProject({ "pipelines/relisted.ts": RELISTED, "list.json": "[1,2,3]" });
  expect((await project.batuta("run", "relisted", "-q")).code).toBe(0);
  project.write("list.json", '"abc"');
  const failed = await project.batuta("retry", "latest");
  expect(failed.code).toBe(1);
  expect(failed.stdout).toMatch(/each\s+failed\s+invalid map/);
  expect(failed.stderr).toContain("The map goes over the value of list, which is no list.");
  expect((await project.batuta("why", "latest", "each")).stdout).toContain("which is no list");
  project.write("list.json", "[4,5]");
  const mended = await project.batuta("retry", "latest");
  expect([mended.code, mended.stdout]).toEqual([0, expect.stringContaining("2 success, 1 removed")]);
});
