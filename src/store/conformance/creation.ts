import { expect, test } from "vitest";
import type { NewRun } from "../store.ts";
import { chain, join, manifestOf } from "./pipelines.ts";
import { Scenario, SUCCESS } from "./scenario.ts";
import type { Subject } from "./subject.ts";

export function testCreation(subject: Subject): void {
  test("ST-2: a new run is running, its roots are queued and the rest is scheduled", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(2, "all_success"));
    expect(await scenario.states(run)).toEqual({ up0: "queued", up1: "queued", join: "scheduled" });
    const record = await scenario.store.run(run);
    expect(record).toMatchObject({ state: "running", unfinished: 3, failing: 0, params: { region: "eu" } });
    expect(record?.startedAt).toBe(scenario.clock.wall());
    expect((await scenario.events(run)).map(({ body }) => body)).toEqual([
      {
        ...{ kind: "run_state", from: null, to: "queued", actor: "tester" },
        work: { trigger: "manual", interval: { start: 0, end: 86_400_000 }, ds: "1970-01-01" },
      },
      { kind: "run_state", from: "queued", to: "running" },
      expect.objectContaining({ kind: "task_state", taskIndex: 0, from: "scheduled", to: "queued", generation: 1 }),
      expect.objectContaining({ kind: "task_state", taskIndex: 1, from: "scheduled", to: "queued", attempt: 0 }),
    ]);
  });

  test("a run that is rehearsed is as it would begin, and changes no row, though its version is not saved", async () => {
    await using scenario = await Scenario.begin(subject);
    const { store, opened } = scenario;
    const asked = { ...(await scenario.plan(chain("a", "b"))), versionHash: "unsaved" };
    const manifest = manifestOf({ daily: chain("x", "y") }, { maxRuns: 1 });
    const version = { hash: "unsaved", project: "shop", manifest: { ...manifest, pools: { warehouse: 2 } } };
    const tables = ["version", "run", "run_request", "task_run", "ready", "lane", "scope", "event", "pipeline_state"];
    const counts = () =>
      opened.rows(tables.map((table) => `select '${table}' as name, count(*) as n from ${table}`).join(" union all "));
    const before = await counts();
    const { run, taskRuns } = await store.rehearseRun(version, asked);
    expect(run).toMatchObject({ ...asked, state: "running" });
    expect(taskRuns.map(({ state }) => state)).toEqual(["queued", "scheduled"]);
    expect(await counts()).toEqual(before);
    expect(await store.run(asked.id)).toBeUndefined();
    await store.saveVersion(version);
    expect(await store.createRuns([asked])).toMatchObject([{ state: "running" }]);
    expect((await store.rehearseRun(version, { ...asked, id: "another" })).run.state).toBe("queued");
    expect(await store.rehearseRun(version, asked), "one that is there is left alone").toMatchObject({
      run: { id: asked.id },
    });
  });

  test("a run reads back as it was asked for", async () => {
    await using scenario = await Scenario.begin(subject);
    const asked = await scenario.plan(chain("a", "b"), {
      trigger: "backfill",
      interval: { start: 1_000, end: 2_000 },
      timezone: "Europe/Berlin",
      ds: "2001-01-03",
      params: { text: "späte \u0000 Zeichen 🙂", list: [1, null, { deep: true }] },
      requestKey: "a request",
      only: [1],
      borrowsFrom: "run-of-yesterday",
      actor: "cron",
    });
    const [record] = await scenario.store.createRuns([asked]);
    expect(record).toMatchObject(asked);
    expect(await scenario.store.run(asked.id)).toEqual(record);
  });

  test("a run that exists already is given back as it is", async () => {
    await using scenario = await Scenario.begin(subject);
    const plan = await scenario.plan(chain("a", "b"));
    await scenario.store.createRuns([plan]);
    await scenario.end(await scenario.claim(1), SUCCESS);
    const [again] = await scenario.store.createRuns([plan]);
    expect(again).toMatchObject({ id: plan.id, unfinished: 1 });
    expect(await scenario.states(plan.id)).toEqual({ a: "success", b: "queued" });
  });

  test("a run of some of the tasks counts only upstream that is part of it", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(chain("a", "b", "c", "d"), { only: [1, 3] });
    expect(await scenario.states(run)).toEqual({ b: "queued", d: "queued" });
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("RS-2: a run without tasks is a success at once", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start({});
    expect(await scenario.store.run(run)).toMatchObject({ state: "success", unfinished: 0 });
  });

  test("many runs are created in one call, each with keys of its own", async () => {
    await using scenario = await Scenario.begin(subject);
    const runs = await scenario.startMany(
      Array.from({ length: 50 }, () => chain("a", "b", "c")),
      { spec: { maxRuns: 50 } },
    );
    expect(new Set(runs.map(({ id }) => id)).size).toBe(50);
    expect(await scenario.claim()).toHaveLength(50);
  });

  test("I25: runs of one call are created and told in its order, whatever their pipelines, and each once", async () => {
    await using scenario = await Scenario.begin(subject);
    const there = await scenario.plan(chain("a"), { pipeline: "hourly" });
    await scenario.store.createRuns([there]);
    const pipelines = ["weekly", "daily", "hourly"];
    const planned: NewRun[] = [];
    for (const pipeline of pipelines) planned.push(await scenario.plan(chain("a", "b"), { pipeline }));
    const [first, ...rest] = planned;
    if (first === undefined) throw new Error("Nothing was planned");
    const given = await scenario.store.createRuns([first, there, ...rest, first]);
    expect(given.map(({ id }) => id)).toEqual([first, there, ...rest, first].map(({ id }) => id));
    const ids = [there, ...planned].map(({ id }) => id);
    const newestFirst = await scenario.store.runs({ limit: 10 });
    expect(newestFirst.map(({ id }) => id)).toEqual(ids.toReversed());
    expect((await scenario.events()).map(({ runId, body }) => [runId, body.kind])).toEqual(
      ids.flatMap((id) => ["run_state", "run_state", "task_state"].map((kind) => [id, kind])),
    );
    expect(new Set((await scenario.claim()).map(({ taskRunKey }) => taskRunKey)).size).toBe(4);
  });

  test("CC-1, I24: runs of one call share the places of their pipeline, and each has what its own version limits", async () => {
    await using scenario = await Scenario.begin(subject);
    const limited = (pipeline: string, project: string, maxRuns: number) =>
      scenario.plan({ a: { pools: [{ name: "db", slots: 1 }] } }, { pipeline, project, spec: { maxRuns } });
    await scenario.store.createRuns([await limited("hourly", "shop", 1)]);
    const planned = [
      ...[await limited("daily", "shop", 2), await limited("daily", "shop", 2), await limited("daily", "shop", 2)],
      ...[await limited("hourly", "shop", 1), await limited("daily", "mill", 1), await limited("daily", "mill", 1)],
    ];
    await scenario.store.createRuns(planned);
    const states = await Promise.all(planned.map(({ id }) => scenario.runState(id)));
    expect(states).toEqual(["running", "running", "queued", "queued", "running", "queued"]);
    expect(await scenario.store.pipelineLoad("shop", "daily")).toMatchObject({ running: 2, queued: 1, maxRuns: 2 });
    for (const project of ["shop", "mill"]) {
      expect((await scenario.store.scopes(project, "")).map(({ name }) => name)).toContain("pool:db");
    }
  });

  test("a run of 10,000 tasks is created, fanned out and joined", async () => {
    await using scenario = await Scenario.begin(subject);
    const run = await scenario.start(join(10_000, "all_success"));
    await scenario.runOut();
    expect(await scenario.runState(run)).toBe("success");
  });

  test("a run of a pipeline that its version lacks is refused and leaves nothing", async () => {
    await using scenario = await Scenario.begin(subject);
    const plan = await scenario.plan(chain("a"));
    await expect(scenario.store.createRuns([{ ...plan, pipeline: "other" }])).rejects.toMatchObject({
      code: "not_found",
    });
    expect(await scenario.store.runs({ limit: 10 })).toEqual([]);
  });

  test("a batch in which one run cannot be created creates none", async () => {
    await using scenario = await Scenario.begin(subject);
    const plan = await scenario.plan(chain("a"));
    const broken = { ...(await scenario.plan(chain("a"))), interval: { start: 2, end: 1 } };
    await expect(scenario.store.createRuns([plan, broken])).rejects.toThrow();
    expect(await scenario.store.runs({ limit: 10 })).toEqual([]);
  });

  test("a version reads back, and saving its hash again changes nothing", async () => {
    await using scenario = await Scenario.begin(subject);
    const { versionHash } = await scenario.plan(chain("a", "b"));
    const saved = await scenario.store.version(versionHash);
    expect(saved?.manifest.pipelines[0]?.tasks.map(({ name }) => name)).toEqual(["a", "b"]);
    await scenario.store.saveVersion({ hash: versionHash, project: "shop", manifest: { format: 1, pipelines: [] } });
    expect(await scenario.store.version(versionHash)).toEqual(saved);
    expect(await scenario.store.version("unknown")).toBeUndefined();
  });
}
