import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { compileProject } from "../../execution/project/compile-project.ts";
import { findProject } from "../../execution/project/find-project.ts";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { envelope, type TestProject, testProject } from "../cli-for-tests.ts";

const LOAD = `import { onEvent, pipeline } from "batuta";
export default pipeline("load", { on: onEvent("orders", { key: "eu", batch: { every: "1h" } }) }, ({ task }) => {
  task("copy", () => 1);
});`;

test("why and list say what triggers wait for, and why nothing fires", async () => {
  const project = testProject({ "batuta.json": '{ "name": "shop" }', "pipelines/load.ts": LOAD });
  await deploy(project);
  const { stdout: fresh } = await project.batuta("why", "load");
  expect(fresh).toMatch(/^load has never run .*\nIt was deployed last at/);
  expect(fresh.split("\n\n")[1]).toBe(
    'Trigger orders (on orders where key "eu") waits for events.\n  No engine is running that fires triggers.\n',
  );
  expect((await project.batuta("list")).stdout).toContain("on events");
  await project.batuta("emit", "orders", "--key", "eu");
  await project.batuta("emit", "orders", "--key", "us");
  await project.batuta("pause", "load");
  expect((await project.batuta("why", "load")).stdout).toMatch(
    /: 1 event waits, for cli:tester has paused its pipeline/,
  );
  expect(envelope(await project.batuta("why", "load", "--json"))).toMatchObject({
    data: { triggers: [{ name: "orders", listensTo: 'on orders where key "eu"', pending: 1, refused: [] }] },
  });
  await project.batuta("unpause", "load");
  expect((await project.batuta("list")).stdout).toContain("1 event waiting");
});

/** As a server does when it starts. */
async function deploy({ dir }: TestProject): Promise<void> {
  const options = { stateDir: join(dir, ".batuta"), files: localFiles, clock: systemClock };
  const { hash, manifest, project } = await compileProject(findProject(dir, localFiles), options);
  const store = openSqliteStore({ path: join(dir, ".batuta", "batuta.db"), clock: systemClock });
  onTestFinished(() => store.close());
  await store.migrate();
  await store.saveVersion({ hash, project: project.name, manifest });
  await store.deploy({ project: project.name, versionHash: hash, actor: "tester" });
}
