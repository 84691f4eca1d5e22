import { expect, test } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const SETTINGS = JSON.stringify({ pools: { warehouse: 4 }, tagLimits: { heavy: 2 } });

function loading(pool: string): string {
  return `import { pipeline } from "batuta";
export default pipeline("load", ({ task }) => {
  task("copy", { pool: ${pool}, tags: ["heavy"] }, () => 1);
});`;
}

test("CC-5: pools are listed with what is in use, and set and reset by hand", async () => {
  const project = testProject({ "batuta.json": SETTINGS, "pipelines/load.ts": loading('"warehouse"') });
  const list = await project.batuta("pools");
  expect(list.stdout).toMatch(/^warehouse +4 +0 +0/m);
  expect(list.stdout).toMatch(/^tag:heavy +2 +0 +0/m);
  const dry = await project.batuta("pools", "set", "warehouse", "0", "--dry-run");
  expect(dry.stdout).toContain("warehouse: 4 -> 0, 0 in use.");
  expect((await project.batuta("pools")).stdout).toMatch(/^warehouse +4/m);

  const set = await project.batuta("pools", "set", "warehouse", "0", "--json");
  expect(envelope(set)).toMatchObject({ ok: true, data: { name: "warehouse", slots: 0, declared: 4, override: 0 } });
  const run = project.start(["run", "load", "--quiet"]);
  await expect
    .poll(async () => (await project.batuta("why", "load")).stdout, { timeout: 30_000, interval: 300 })
    .toContain("ready, but pool warehouse is closed: its limit is 0");
  expect((await project.batuta("pools")).stdout).toMatch(
    /^warehouse +0 +0 +1 +closed, set by hand; the project says 4$/m,
  );
  await project.batuta("pools", "reset", "warehouse");
  expect((await run.ended).code).toBe(0);

  const unknown = await project.batuta("pools", "set", "warehose", "1");
  expect(unknown).toMatchObject({ code: 3, stderr: expect.stringContaining('Did you mean "warehouse"?') });
  expect((await project.batuta("pools", "set", "warehouse", "-1")).code).toBe(2);
  expect((await project.batuta("pools", "set", "warehouse", "many")).code).toBe(2);
  expect((await project.batuta("pools", "drop", "warehouse")).code).toBe(2);
});

test("TI-8: a pool whose tasks start only within some hours says which", async () => {
  const nightly = { slots: 4, runOnlyBetween: { from: "22:00", to: "06:00", timezone: "Europe/Berlin" } };
  const project = testProject({
    "batuta.json": JSON.stringify({ name: "nights", pools: { warehouse: nightly } }),
    "pipelines/load.ts": loading('"warehouse"'),
  });
  expect((await project.batuta("pools")).stdout).toMatch(
    /^warehouse +4 +0 +0 +starts only Europe\/Berlin 22:00-06:00$/m,
  );
  expect(envelope(await project.batuta("pools", "--json"))).toMatchObject({
    data: [{ name: "warehouse", runOnlyBetween: "Europe/Berlin 22:00-06:00" }],
  });
});

test("CC-4: a pool that is unknown or too small is an error at its place, when the pipeline is loaded", async () => {
  const project = testProject({ "batuta.json": SETTINGS, "pipelines/load.ts": loading('"warehose"') });
  const unknown = await project.batuta("check");
  expect(unknown.code).toBe(2);
  expect(unknown.stdout + unknown.stderr).toContain("pipelines/load.ts:3");
  expect(unknown.stdout + unknown.stderr).toContain('the pool "warehose", which does not exist');
  project.write("pipelines/load.ts", loading('{ name: "warehouse", slots: 5 }'));
  const small = await project.batuta("run", "load");
  expect(small.code).toBe(2);
  expect(small.stderr).toContain('Task "copy" needs 5 slots of the pool "warehouse", which has 4');
  project.write("batuta.json", JSON.stringify({ pools: { warehouse: -1 } }));
  const wrong = await project.batuta("check");
  expect(wrong.stdout + wrong.stderr).toContain('`pools` is {"warehouse":-1}');
});

test("CC-1: a pool that counts what is deferred is held by a task that waits for a run, and says so", async () => {
  const files = {
    "batuta.json": JSON.stringify({ pools: { warehouse: { slots: 1, countDeferred: true } } }),
    "pipelines/call.ts": `import { pipeline } from "batuta";
import { child } from "batuta/tasks";
export default pipeline("call", ({ task }) => {
  task("far", { pool: "warehouse", priority: 9 }, child("remote"));
  task("near", { pool: "warehouse" }, () => 1);
});`,
    "pipelines/remote.ts": `import { pipeline } from "batuta";
export default pipeline("remote", ({ task }) => { task("work", () => 1); });`,
  };
  const project = testProject(files);
  await project.batuta("pause", "remote");
  const run = project.start(["run", "call", "--quiet"]);
  await expect
    .poll(async () => (await project.batuta("why", "call", "near")).stdout, { timeout: 30_000, interval: 300 })
    .toMatch(/pool warehouse: 1 of 1 slots held by call\/far of run \S+ \(deferred\) since/);
  expect((await project.batuta("pools")).stdout).toMatch(/^warehouse +1 +1 +1 +counts what is deferred$/m);
  await project.batuta("mark", "success", "call", "far");
  expect((await run.ended).code).toBe(0);
  await project.batuta("pools", "set", "warehouse", "3");
  expect((await project.batuta("pools")).stdout).toMatch(/^warehouse +3 .*counts what is deferred, set by hand/m);
  project.write("batuta.json", JSON.stringify({ pools: { warehouse: { slots: 1, countsDeferred: true } } }));
  const wrong = await project.batuta("check");
  expect(wrong.stdout + wrong.stderr).toContain('{ "slots": 4, "countDeferred": true, ');
});

test("a paused pipeline starts nothing, says so, and goes on when it is resumed", async () => {
  const project = testProject({ "batuta.json": SETTINGS, "pipelines/load.ts": loading('"warehouse"') });
  expect((await project.batuta("pause", "loa", "--reason", "the warehouse moves")).stdout).toContain("load is paused");
  expect((await project.batuta("pause", "load")).stdout).toMatch(/is paused already since .*the warehouse moves/);
  const run = project.start(["run", "load"]);
  await run.says(/The run waits for its place: its pipeline is paused since .* by .* \(the warehouse moves\)/);
  expect(
    field(envelope(await project.batuta("why", "load", "--json")), "data", "tasks", 0, "reasons", 1),
  ).toMatchObject({
    code: "run_queued",
  });
  expect(envelope(await project.batuta("resume", "load", "--json"))).toMatchObject({ data: { changed: true } });
  expect((await run.ended).code).toBe(0);
  expect((await project.batuta("unpause", "load")).stdout).toContain("load is not paused.");
  expect((await project.batuta("pause", "nothing")).code).toBe(3);
});
