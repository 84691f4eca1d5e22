import { join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { envelope, testProject } from "../cli-for-tests.ts";

const LOAD = `import { asset, by, pipeline } from "batuta";
const revenue = asset("warehouse/revenue", { deadline: by("08:00", { timezone: "Europe/Berlin" }) });
export default pipeline("load", ({ task }) => {
  task("load", { outputs: [revenue] }, () => 1);
});`;

test("assets with a deadline are listed with the run that has made them last", async () => {
  const project = testProject({ "batuta.json": '{ "name": "shop" }', "pipelines/load.ts": LOAD });
  expect((await project.batuta("assets")).stderr).toContain("No asset of the deployed version has a deadline.");
  await project.batuta("run", "load", "--quiet");
  const store = openSqliteStore({ path: join(project.dir, ".batuta", "batuta.db"), clock: systemClock });
  try {
    const [run] = await store.runs({ limit: 1 });
    await store.deploy({ project: "shop", versionHash: run?.versionHash ?? "", actor: "anna" });
  } finally {
    await store.close();
  }
  expect((await project.batuta("assets")).stdout).toMatch(
    /^warehouse\/revenue +by 08:00 \(Europe\/Berlin\) +never +next/m,
  );
  await project.batuta("run", "load", "--quiet");
  expect((await project.batuta("assets")).stdout).toMatch(/^warehouse\/revenue .* run \S+ +next/m);
  expect(envelope(await project.batuta("assets", "--json"))).toMatchObject({
    data: [{ asset: "warehouse/revenue", late: false, madeBy: expect.any(String) }],
  });
});
