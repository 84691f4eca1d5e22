import { expect, test, vi } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const ORDERS = `
import { existsSync } from "node:fs";
import { join } from "node:path";
import { notYet, pipeline } from "batuta";
import { file, poll } from "batuta/tasks";

export default pipeline("orders", ({ task }) => {
  const files = task("files", file("in/{{ ds }}/*.csv", { stableFor: "300ms", pollEvery: "200ms", timeout: "5m" }));
  const go = task("go", poll(({ projectDir }) => existsSync(join(projectDir, "go")) || notYet("nobody said go"), {
    pollEvery: "200ms",
  }));
  task("load", { input: { files }, after: go }, ({ input }) => console.log("loaded " + input.files[0].path));
});
`;

test("WT-1: a run waits for a file and for what a function looks for, says what it has seen, and goes on", async () => {
  const project = testProject({ "pipelines/orders.ts": ORDERS });
  const running = project.start(["run", "orders", "--date", "2026-01-02"]);
  await running.says(/go +deferred: |go deferred: /);
  // Each sensor is looked at in its own turn: what one has seen says nothing of the other.
  for (const seen of ["nothing at in/2026-01-02/*.csv", "nobody said go"]) {
    const isSeen = async () => expect((await project.batuta("why", "orders", "--json")).stdout).toContain(seen);
    await vi.waitFor(isSeen, { timeout: 60_000 });
  }
  project.write("in/2026-01-02/a.csv", "1,2");
  project.write("go", "");
  expect(await running.ended).toMatchObject({ code: 0 });
  expect((await project.batuta("logs", "orders", "load")).stdout).toContain("loaded in/2026-01-02/a.csv");
});

test("I29, B39: a run that was killed while it waited waits on, with the deadline it had", async () => {
  const project = testProject({ "pipelines/orders.ts": ORDERS });
  const killed = project.start(["run", "orders", "--date", "2026-01-02"]);
  await killed.says(/go +deferred: |go deferred: /);
  const deadline = async (): Promise<unknown> =>
    field(envelope(await project.batuta("why", "orders", "files", "--json")), "data", "tasks", 0, "watch", "deadline");
  await vi.waitFor(async () => expect(await deadline()).toBeDefined(), { timeout: 60_000 });
  const before = await deadline();
  killed.child.kill("SIGKILL");
  await killed.ended;
  expect(await deadline()).toBe(before);
  project.write("in/2026-01-02/a.csv", "1,2");
  project.write("go", "");
  expect((await project.batuta("run", "orders", "--date", "2026-01-02")).code).toBe(0);
});
