import { rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { envelope, field, type RunningCommand, type TestProject, testProject, until } from "../cli-for-tests.ts";

function pipelineFile(name: string, body: string, schedule = ""): string {
  return `import { cron, pipeline } from "batuta";
import { shell } from "batuta/tasks";
export default pipeline("${name}", { ${schedule} }, ({ task }) => { ${body} });
void cron; void shell;
`;
}

const QUICK = pipelineFile("quick", 'task("one", () => 1);');

/** The reports of a `batuta dev --json` so far. */
function reports(running: RunningCommand): readonly unknown[] {
  const lines = running.said().split("\n");
  return lines.slice(0, -1).flatMap((line) => (line.startsWith("{") ? [JSON.parse(line)] : []));
}

function kinds(running: RunningCommand): readonly unknown[] {
  return reports(running).map((report) => field(report, "kind"));
}

function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** Starts `batuta dev --json` and waits until it is ready. */
async function startDev(project: TestProject): Promise<RunningCommand> {
  const running = project.start(["dev", "--json"]);
  await running.says('"kind":"started"');
  return running;
}

/** Waits for the reload that comes of a change. */
async function reloadAfter(running: RunningCommand, change: () => void): Promise<unknown> {
  const before = kinds(running).filter((kind) => kind === "reloaded").length;
  change();
  await until(() => kinds(running).filter((kind) => kind === "reloaded").length > before);
  return reports(running).filter((report) => field(report, "kind") === "reloaded")[before];
}

async function stop(running: RunningCommand): Promise<void> {
  running.child.kill("SIGINT");
  expect((await running.ended).code).toBe(0);
}

describe("batuta dev", () => {
  it("says what there is and when it runs next, and ends cleanly with Ctrl-C", async () => {
    const project = testProject({
      "pipelines/quick.ts": QUICK,
      "pipelines/nightly.ts": pipelineFile("nightly", 'task("one", () => 1);', 'schedule: cron("0 3 1 1 *")'),
    });
    const running = await startDev(project);
    expect(reports(running)).toMatchObject([
      {
        kind: "started",
        pipelines: 2,
        problems: [],
        schedules: [
          {
            pipeline: "nightly",
            timing: "0 3 1 1 *",
            timezone: "UTC",
            nextAt: expect.stringMatching(/-01-01T03:00:00/),
          },
        ],
      },
    ]);
    await stop(running);
    expect(kinds(running).slice(-2)).toEqual(["stopping", "stopped"]);
    const people = project.start(["dev"]);
    await people.says("Files are watched");
    expect(people.said()).toMatch(/2 pipelines, 1 schedule; ready in .*\n\nSCHEDULE +NEXT\nnightly +\d{4}-01-01/);
    people.child.kill("SIGTERM");
    expect(await people.ended).toMatchObject({ code: 0, stderr: "" });
  });

  it("loads files again when they are written, added, renamed and removed, without a word from anybody", async () => {
    const project = testProject({ "pipelines/a.ts": QUICK, "lib/name.ts": 'export const NAME = "later";' });
    const running = await startDev(project);
    const write = (path: string, text: string) => () => project.write(path, text);
    expect(await reloadAfter(running, write("pipelines/a.ts", QUICK.replace("=> 1", "=> 2")))).toMatchObject({
      ...{ added: [], changed: ["quick"], removed: [], files: ["pipelines/a.ts"] },
    });
    const late = `import { NAME } from "../../lib/name.ts";\n${QUICK.replace('"quick"', "NAME")}`;
    expect(await reloadAfter(running, write("pipelines/new/b.ts", late))).toMatchObject({
      added: ["later"],
      changed: [],
    });
    expect(await reloadAfter(running, write("lib/name.ts", 'export const NAME = "latest";'))).toMatchObject({
      ...{ added: ["latest"], changed: [], removed: ["later"] },
    });
    expect(await reloadAfter(running, write("batuta.json", '{ "pools": { "api": 2 } }'))).toMatchObject({
      changed: [],
    });
    const remove = () => rmSync(join(project.dir, "pipelines/new"), { recursive: true });
    expect(await reloadAfter(running, remove)).toMatchObject({ removed: ["latest"], problems: [] });
    await stop(running);
  });

  it("keeps the last good version of a file that is broken, and shows where it is wrong", async () => {
    const project = testProject({ "pipelines/quick.ts": QUICK, "pipelines/other.ts": QUICK.replace("quick", "other") });
    const running = await startDev(project);
    const broken = await reloadAfter(running, () =>
      project.write("pipelines/quick.ts", `${QUICK}\nexport const x = ;\n`),
    );
    expect(broken).toMatchObject({
      ...{ removed: [], kept: ["quick"] },
      problems: [{ file: "pipelines/quick.ts", location: { file: "pipelines/quick.ts", line: 6 } }],
    });
    const listed = field(envelope(await project.batuta("list", "--json")), "data");
    expect(listed).toMatchObject([{ name: "other" }, { name: "quick", isFileBroken: true }]);
    expect(field(listed, 0, "isFileBroken")).toBeUndefined();
    const still = await reloadAfter(running, () =>
      project.write("pipelines/other.ts", QUICK.replace("quick", "another")),
    );
    expect(still).toMatchObject({ added: ["another"], removed: ["other"], kept: ["quick"], problems: [] });
    const settings = await reloadAfter(running, () => project.write("batuta.json", "{ nonsense"));
    expect(settings).toMatchObject({ problems: [{ file: "batuta.json", location: { line: 1 } }], removed: [] });
    const loaded = reports(running).length;
    rmSync(join(project.dir, "batuta.json"));
    project.write("pipelines/quick.ts", QUICK);
    // Whether both changes are seen in one look is a matter of the machine.
    const mended = () =>
      reports(running)
        .slice(loaded)
        .flatMap((report) => listOf(field(report, "mended")));
    await until(() => mended().length >= 2);
    expect(mended()).toEqual(["batuta.json", "pipelines/quick.ts"]);
    expect(reports(running).at(-1)).toMatchObject({ kept: [] });
    await stop(running);
  });

  it("remembers over a new start what was good last", async () => {
    const project = testProject({ "pipelines/quick.ts": QUICK });
    await stop(await startDev(project));
    project.write("pipelines/quick.ts", "export default = ;");
    const running = await startDev(project);
    expect(reports(running)[0]).toMatchObject({
      pipelines: 1,
      kept: ["quick"],
      problems: [{ file: "pipelines/quick.ts" }],
    });
    await stop(running);
  });

  it("executes what batuta run asks for beside it, also of a queue that came later", async () => {
    const project = testProject({ "pipelines/quick.ts": QUICK });
    const running = await startDev(project);
    expect((await project.batuta("run", "quick")).code).toBe(0);
    project.write("pipelines/late.ts", pipelineFile("late", 'task("one", { queue: "gpu" }, () => 1);'));
    expect((await project.batuta("run", "late")).code).toBe(0);
    expect((await project.batuta("run", "late", "--new")).code).toBe(0);
    await until(() => kinds(running).filter((kind) => kind === "run").length === 6);
    const runs = reports(running).filter((report) => field(report, "kind") === "run");
    expect(runs.map((report) => [field(report, "pipeline"), field(report, "state")])).toEqual([
      ...[
        ["quick", "running"],
        ["quick", "success"],
      ],
      ...[
        ["late", "running"],
        ["late", "success"],
        ["late", "running"],
        ["late", "success"],
      ],
    ]);
    await stop(running);
  });

  it("fires schedules, by the file as it is now, and by the last good one while it is broken", async () => {
    const ticking = (name: string) => pipelineFile(name, 'task("one", () => 1);', 'schedule: cron("* * * * * *")');
    const project = testProject({ "pipelines/tick.ts": ticking("tick") });
    const running = await startDev(project);
    const fired = (name: string) => reports(running).filter((report) => field(report, "pipeline") === name).length;
    await until(() => fired("tick") >= 2);
    await reloadAfter(running, () => project.write("pipelines/tick.ts", ticking("tock")));
    // Each run of before is told twice: that it runs, and how it ended.
    await until(() => fired("tock") >= 2 && fired("tick") % 2 === 0);
    await reloadAfter(running, () => project.write("pipelines/tick.ts", "export default = ;"));
    const [ticks, tocks] = [fired("tick"), fired("tock")];
    await until(() => fired("tock") >= tocks + 2);
    expect(fired("tick")).toBe(ticks);
    await stop(running);
  });

  it("gives way to the one that has the project, and says who that is", async () => {
    const project = testProject({ "pipelines/quick.ts": QUICK });
    const first = await startDev(project);
    const second = await project.batuta("dev");
    expect(second.code).toBe(5);
    expect(second.stderr).toContain(`process ${first.child.pid}`);
    await stop(first);
    await stop(await startDev(project));
  });

  const SLOW = pipelineFile(
    "slow",
    'task("first", () => 1); task("second", { after: "first" }, shell`echo begun >> begun; test -e go || sleep 600`);',
  );

  it("ends what runs with Ctrl-C, gives it back, and goes on with it at the next start", async () => {
    const project = testProject({ "pipelines/slow.ts": SLOW });
    const first = await startDev(project);
    const client = project.start(["run", "slow"]);
    await until(() => project.has("begun"));
    await stop(first);
    project.write("go", "");
    const second = await startDev(project);
    expect(reports(second)[0]).toMatchObject({ resumed: 1 });
    expect((await client.ended).code).toBe(0);
    expect(project.read("begun")).toBe("begun\nbegun\n");
    const [run] = Object.values(field(envelope(await project.batuta("runs", "--json")), "data") ?? {});
    expect(run).toMatchObject({ state: "success" });
    await stop(second);
  });

  it("goes on after kill -9 with what it had begun", async () => {
    const project = testProject({ "pipelines/slow.ts": SLOW });
    const first = await startDev(project);
    const client = project.start(["run", "slow"]);
    await until(() => project.has("begun"));
    first.child.kill("SIGKILL");
    await first.ended;
    project.write("go", "");
    const second = await startDev(project);
    expect((await client.ended).code).toBe(0);
    expect(project.read("begun")).toBe("begun\nbegun\n");
    await stop(second);
  });

  it("ends within its grace time what does not listen", async () => {
    const stubborn = pipelineFile(
      "stubborn",
      'task("one", shell`trap "" TERM; echo begun >> begun; while :; do sleep 1; done`);',
    );
    const project = testProject({ "pipelines/stubborn.ts": stubborn });
    const running = await startDev(project);
    const client = project.start(["run", "stubborn"]);
    await until(() => project.has("begun"));
    running.child.kill("SIGINT");
    await running.says('"kind":"stopped"');
    expect((await running.ended).code).toBe(0);
    client.child.kill("SIGKILL");
  });

  it("is for a project, not for one of its files", async () => {
    const project = testProject({ "pipelines/quick.ts": QUICK });
    const refused = await project.batuta("dev", "--project", "pipelines/quick.ts");
    expect(refused.code).toBe(2);
    expect(refused.stderr).toContain("one file of it");
  });
});
