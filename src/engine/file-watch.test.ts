import { expect, onTestFinished, test } from "vitest";
import type { PipelineSpec } from "../core/manifest.ts";
import { plainTask } from "../core/plain-task-for-tests.ts";
import type { FileState } from "../core/trigger/file-state.ts";
import type { FileSource, TriggerSpec } from "../core/trigger/trigger-spec.ts";
import type { FilesAnswer, RawParams, WantedFiles } from "../execution/executor.ts";
import { openSqliteStore } from "../store/sqlite/open-sqlite-store.ts";
import { drive } from "../testing/drive.ts";
import { InProcessExecutor } from "../testing/in-process-executor.ts";
import { returns } from "../testing/stub.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { Engine } from "./engine.ts";
import type { OwnerProcesses } from "./owner-processes.ts";

const PLACE = { file: "pipelines/p.ts", line: 1 };
const NOW = Date.UTC(2026, 0, 2);

test("TI-2: a file starts one run when it has stopped growing, with its path, and another when it has changed", async () => {
  const { files, clock, started, drives, store } = await setup({});
  files.set("in/*.csv", [file("a", 1)]);
  const engine = await started();
  await drives(() => clock.wall() >= NOW + 4_000);
  files.set("in/*.csv", [file("a", 2)]);
  await drives(() => clock.wall() >= NOW + 9_000);
  expect(await paths(store)).toEqual([]);
  await drives(() => clock.wall() >= NOW + 30_000);
  expect(await paths(store)).toEqual(["in/a"]);
  const [run] = await store.runs({ project: "test", limit: 1 });
  expect(run?.interval.start).toBeGreaterThanOrEqual(NOW + 10_000);
  expect(run?.interval.start).toBeLessThanOrEqual(NOW + 15_500);
  expect(await store.eventsOf(run?.id ?? "")).toMatchObject([
    { name: "file:load/files", payload: { path: "in/a", size: 2, modifiedAt: new Date(NOW).toISOString() } },
  ]);
  files.set("in/*.csv", [file("a", 2), file("b", 1)]);
  await drives(() => clock.wall() >= NOW + 60_000);
  expect(await paths(store)).toEqual(["in/a", "in/b"]);
  await engine.stop();
});

test("after a restart, and with another engine beside it, no file starts a second run", async () => {
  const { files, clock, started, drives, store } = await setup({});
  files.set("in/*.csv", [file("a", 1), file("b", 1)]);
  const first = await started();
  await drives(() => clock.wall() >= NOW + 20_000);
  await first.stop();
  files.set("in/*.csv", [file("a", 1), file("b", 1), file("c", 1)]);
  const both = [await started(), await started()];
  await drives(() => clock.wall() >= NOW + 60_000);
  expect(await paths(store)).toEqual(["in/a", "in/b", "in/c"]);
  for (const engine of both) await engine.stop();
});

test("files that are there at first are passed over when the trigger says so, also after a restart", async () => {
  const { files, clock, started, drives, store } = await setup({ existing: "ignore" });
  files.set("in/*.csv", [file("a", 1), file("b", 1)]);
  const first = await started();
  await drives(() => clock.wall() >= NOW + 20_000);
  await first.stop();
  files.set("in/*.csv", [file("a", 1), file("b", 2), file("c", 1)]);
  const second = await started();
  await drives(() => clock.wall() >= NOW + 50_000);
  expect(await paths(store)).toEqual(["in/b", "in/c"]);
  await second.stop();
});

test("what goes wrong with one pattern is on show at its trigger until it is mended, and the others go on", async () => {
  const { files, faults, clock, started, drives, store } = await setup({}, { glob: "out/*" }, { glob: "hangs" });
  faults.set("in/*.csv", { kind: "refused", problem: { message: "There are too many.", hint: "Move some." } });
  faults.set("hangs", "never");
  files.set("out/*", [file("a", 1)]);
  const engine = await started();
  await drives(() => clock.wall() >= NOW + 30_000);
  expect(await paths(store)).toEqual(["in/a"]);
  const shown = await store.triggers("test");
  expect(shown.map(({ lookFault }) => lookFault?.message)).toEqual(["There are too many.", undefined, undefined]);
  expect(shown[0]?.lookFault).toMatchObject({ since: NOW, times: 1 });
  faults.delete("in/*.csv");
  files.set("in/*.csv", [file("b", 1)]);
  await drives(() => clock.wall() >= NOW + 60_000);
  expect((await store.triggers("test"))[0]).not.toHaveProperty("lookFault");
  expect(await paths(store)).toEqual(["in/a", "in/b"]);
  await engine.stop();
});

test("a look that takes long is made the less often, and an edited trigger is looked for at once", async () => {
  const { files, asked, slow, clock, started, drives, deploy } = await setup({});
  files.set("in/*.csv", []);
  slow.ms = 5_000;
  const engine = await started();
  await drives(() => clock.wall() >= NOW + 100_000);
  expect(asked.length).toBeLessThanOrEqual(3);
  slow.ms = 0;
  await deploy(engine, { glob: "out/*" });
  const at = clock.wall();
  await drives(() => asked.some(({ glob }) => glob === "out/*"));
  expect(clock.wall() - at).toBeLessThan(1_000);
  await engine.stop();
});

test("an engine of one run looks for no files", async () => {
  const { asked, clock, started, drives } = await setup({});
  const engine = await started(["some-run"]);
  await drives(() => clock.wall() >= NOW + 60_000);
  expect(asked).toEqual([]);
  await engine.stop();
});

function file(name: string, size: number): FileState {
  return { path: `in/${name}`, size, modifiedMs: NOW };
}

type ForTests = ReturnType<typeof openSqliteStore>;

async function paths(store: ForTests): Promise<readonly unknown[]> {
  const runs = await store.runs({ project: "test", limit: 20 });
  return runs.map(({ params }) => (params as { readonly path: string }).path).sort();
}

function triggerOf(more: Partial<FileSource>, index: number): TriggerSpec {
  const timing = { stableForMs: 5_000, pollEveryMs: 10_000 };
  return {
    ...{ name: index === 0 ? "files" : `more_${index}`, location: PLACE },
    source: { kind: "file", glob: "in/*.csv", existing: "count", ...timing, ...more },
    ...{ params: { path: "{{ event.path }}" }, hasTemplates: true },
  };
}

/** One trigger for each of these; what is there, and what stands in the way, is told by their patterns. */
async function setup(...sources: readonly Partial<FileSource>[]) {
  const clock = new VirtualClock(NOW);
  const store = openSqliteStore({ path: ":memory:", clock });
  onTestFinished(() => store.close());
  await store.migrate();
  const version = async (hash: string, those: readonly Partial<FileSource>[]) => {
    const pipeline: PipelineSpec = {
      ...{ name: "load", location: PLACE, tags: [], timezone: "UTC", graphHash: "hash" },
      ...{ triggers: those.map(triggerOf), tasks: [plainTask("a")] },
    };
    await store.saveVersion({ hash, project: "test", manifest: { format: 1, pipelines: [pipeline] } });
  };
  await version("v1", sources);
  await store.deploy({ project: "test", versionHash: "v1", actor: "anna" });
  const files = new Map<string, readonly FileState[]>();
  const faults = new Map<string, FilesAnswer | "never">();
  const asked: WantedFiles[] = [];
  const slow = { ms: 0 };
  const executor = new InProcessExecutor(
    clock,
    (order) => ({ kind: "scripted", attempt: returns(1).attempt(order.attempt) }),
    (_: string, raw: RawParams) => JSON.parse(JSON.stringify(raw)),
  );
  const answer = ({ glob, known }: WantedFiles): FilesAnswer => {
    const found = files.get(glob) ?? [];
    const print = JSON.stringify(found);
    return print === known ? { kind: "same" } : { kind: "files", print, files: found };
  };
  executor.onFindFiles = (wanted) => {
    asked.push(wanted);
    const fault = faults.get(wanted.glob);
    return new Promise((resolve) => {
      if (fault === "never") return;
      const say = () => resolve(fault ?? answer(wanted));
      if (slow.ms === 0) say();
      else clock.after(slow.ms, say);
    });
  };
  const processes: OwnerProcesses = { stateOf: () => "alive", endLeftOvers: async () => {} };
  let engines = 0;
  const started = async (runs: readonly string[] | null = null): Promise<Engine> => {
    const process = { hostname: "here", hostId: "here", pid: 1, startTime: "1" };
    const id = `s${++engines}`;
    const session = { id, project: "test", role: "server", process, leaseMs: 600_000, runs } as const;
    const engine = new Engine({ store, executor, clock, processes }, session);
    await engine.start();
    return engine;
  };
  const deploy = async (engine: Engine, source: Partial<FileSource>) => {
    await version("v2", [source]);
    await engine.deploy({ project: "test", versionHash: "v2", actor: "anna" });
  };
  return {
    ...{ clock, store, files, faults, asked, slow, started, deploy },
    drives: (over: () => boolean) => drive(clock, executor, over, 1_000),
  };
}
