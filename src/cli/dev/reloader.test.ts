import { renameSync, rmSync } from "node:fs";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import type { PipelineSpec } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import { type ProjectForTests, projectForTests } from "../../execution/project/project-for-tests.ts";
import { sha256Hex } from "../../ports/digest.ts";
import { localFiles } from "../../ports/files.ts";
import type { DeployRequest } from "../../store/schedule-store.ts";
import { VirtualClock } from "../../testing/virtual-clock.ts";
import { ProjectVersions } from "./project-versions.ts";
import type { Reload } from "./reload.ts";
import { Reloader } from "./reloader.ts";

const SETTLE_MS = 40;
const VANISHED_MS = 250;
const LOOK_MS = 2_000;

/** Each file of `pipelines/` is a pipeline of its name, and its text what it says. */
async function setup(files: Readonly<Record<string, string>>) {
  const project = projectForTests(files);
  onTestFinished(() => project.remove());
  const deployed: DeployRequest[] = [];
  const outage: { error?: Error } = {};
  const store = {
    saveVersion: async () => {},
    version: async () => undefined,
    deployment: async () => undefined,
    deploy: async (request: DeployRequest) => {
      if (outage.error !== undefined) throw outage.error;
      deployed.push(request);
      return { changed: true, added: [], edited: [], removed: [] };
    },
  };
  const reloader = new Reloader({
    ...{ project: project.find(), files: localFiles, clock: new VirtualClock(0) },
    versions: new ProjectVersions(store, "shop", "anna"),
    compile: async (found) => compiled(project, found),
    changedFor: () => new Set(),
    exportsOf: () => undefined,
  });
  const reloads: Reload[] = [];
  reloader.onReload = (reload) => void reloads.push(reload);
  await reloader.begin();
  return { project, reloader, reloads, deployed, outage };
}

function compiled(project: ProjectForTests, found: ReturnType<ProjectForTests["find"]>) {
  const folder = join(project.dir, "pipelines");
  const pipelines = localFiles.list(folder).map(({ name }): PipelineSpec => {
    const text = localFiles.readText(join(folder, name));
    const location = { file: `pipelines/${name}`, line: 1 };
    return {
      name: name.replace(".ts", ""),
      location,
      tags: [],
      tasks: [],
      timezone: "UTC",
      graphHash: sha256Hex(text),
    };
  });
  const hash = sha256Hex(JSON.stringify(pipelines));
  return { project: found, hash, dir: project.dir, manifest: { format: 1 as const, pipelines }, problems: [] };
}

test("what is still being written is left until it is at rest", async () => {
  const { project, reloader, reloads } = await setup({ "pipelines/a.ts": "1" });
  project.write({ "pipelines/a.ts": "2" });
  expect(await reloader.poll()).toBe(SETTLE_MS);
  project.write({ "pipelines/a.ts": "22" });
  expect(await reloader.poll()).toBe(SETTLE_MS);
  expect(reloads).toEqual([]);
  expect(await reloader.poll()).toBe(LOOK_MS);
  expect(reloads).toMatchObject([{ changed: ["a"], files: ["pipelines/a.ts"] }]);
  expect(await reloader.poll()).toBe(LOOK_MS);
  expect(reloads).toHaveLength(1);
});

test("files that never come to rest are loaded all the same", async () => {
  const { project, reloader, reloads } = await setup({ "pipelines/a.ts": "1" });
  for (let length = 2; reloads.length === 0; length++) {
    expect(length).toBeLessThan(20);
    project.write({ "pipelines/a.ts": "1".repeat(length) });
    await reloader.poll();
  }
  expect(reloads).toMatchObject([{ changed: ["a"] }]);
});

test("a file that an editor puts another in the place of is not removed in between", async () => {
  const { project, reloader, reloads } = await setup({ "pipelines/a.ts": "1", "pipelines/b.ts": "1" });
  renameSync(join(project.dir, "pipelines/a.ts"), join(project.dir, "pipelines/.a.ts.swp"));
  expect(await reloader.poll()).toBe(SETTLE_MS);
  expect(await reloader.poll()).toBe(VANISHED_MS);
  project.write({ "pipelines/a.ts": "22" });
  expect(await reloader.poll()).toBe(SETTLE_MS);
  await reloader.poll();
  expect(reloads).toMatchObject([{ changed: ["a"], removed: [] }]);
  rmSync(join(project.dir, "pipelines/b.ts"));
  for (const wait of [SETTLE_MS, VANISHED_MS, LOOK_MS]) expect(await reloader.poll()).toBe(wait);
  expect(reloads[1]).toMatchObject({ removed: ["b"] });
});

test("files that are no sources are no reason to load anything", async () => {
  const { project, reloader, reloads, deployed } = await setup({ "pipelines/a.ts": "1" });
  project.write({ "data/rows.parquet": "x", ".hidden/x.ts": "x", "node_modules/y/z.js": "x" });
  expect(await reloader.poll()).toBe(LOOK_MS);
  expect([reloads.length, deployed.length]).toEqual([0, 1]);
});

test("a database that is away is tried again until it takes the change", async () => {
  const { project, reloader, reloads, outage } = await setup({ "pipelines/a.ts": "1" });
  project.write({ "pipelines/a.ts": "22" });
  await reloader.poll();
  outage.error = new BatutaError("store_unreachable", "The database is away.");
  await expect(reloader.poll()).rejects.toThrow("away");
  await expect(reloader.poll()).rejects.toThrow("away");
  delete outage.error;
  expect(await reloader.poll()).toBe(LOOK_MS);
  expect(reloads).toMatchObject([{ changed: ["a"] }]);
});

test("a project that is called otherwise now stays what it is, and says so", async () => {
  const { project, reloader, reloads, deployed } = await setup({
    "pipelines/a.ts": "1",
    "batuta.json": '{"name":"shop"}',
  });
  project.write({ "batuta.json": '{"name":"store"}', "pipelines/a.ts": "22" });
  await reloader.poll();
  await reloader.poll();
  expect(reloads).toMatchObject([{ changed: [], problems: [{ message: expect.stringContaining('"store" now') }] }]);
  expect(deployed.at(-1)).toMatchObject({ faults: [{ file: "batuta.json" }] });
});
