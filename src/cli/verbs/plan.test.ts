import { basename, join } from "node:path";
import { expect, test } from "vitest";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { openSqliteStore } from "../../store/sqlite/open-sqlite-store.ts";
import { envelope, type TestProject, testProject } from "../cli-for-tests.ts";

const NIGHTLY = daily("nightly", 'cron("0 2 * * *")');

test("TI-6: plan shows what the files change, with the next fire times before and after", async () => {
  const project = testProject({ "pipelines/nightly.ts": NIGHTLY, "pipelines/old.ts": daily("old", 'every("1h")') });
  const first = await project.batuta("plan");
  expect(first.stderr).toContain("Nothing is deployed yet");
  expect(first.stdout).toMatch(/^\+ nightly {2}added$/m);

  await deployed(project);
  expect((await project.batuta("plan")).stdout).toBe("Nothing changes.\n");

  project.write("pipelines/nightly.ts", daily("nightly", 'cron("30 3 * * *")'));
  localFiles.remove(join(project.dir, "pipelines/old.ts"));
  const { stdout } = await project.batuta("plan");
  expect(stdout).toMatch(/^~ nightly {2}changed$/m);
  expect(stdout).toMatch(/schedule before\n {4}0 2 \* \* \* UTC\n {6}\d{4}-/);
  expect(stdout).toMatch(/schedule after\n {4}30 3 \* \* \* UTC\n {6}\d{4}-/);
  expect(stdout).toMatch(/^- old {2}removed$/m);
  const { data } = envelope(await project.batuta("plan", "--json")) as { readonly data: Planned };
  const [nightly] = data.pipelines;
  const at = (side: "before" | "after") => nightly?.schedules[0]?.[side]?.nextRuns.map((run) => run.at.slice(11, 16));
  expect([at("before"), at("after")]).toEqual([
    ["02:00", "02:00", "02:00"],
    ["03:30", "03:30", "03:30"],
  ]);
});

test("what is deployed of a file that is broken now stays, and is told so", async () => {
  const project = testProject({ "pipelines/nightly.ts": NIGHTLY });
  await deployed(project);
  project.write("pipelines/nightly.ts", "throw new Error('not yet');");
  const broken = await project.batuta("plan");
  expect(broken.stderr).toContain("nightly stays as it is deployed, for its file is broken.");
  expect(broken.stdout).not.toContain("removed");
});

interface Planned {
  readonly pipelines: readonly {
    readonly schedules: readonly {
      readonly before?: { readonly nextRuns: readonly { readonly at: string }[] };
      readonly after?: { readonly nextRuns: readonly { readonly at: string }[] };
    }[];
  }[];
}

function daily(name: string, schedule: string): string {
  return `import { cron, every, pipeline } from "batuta";
void [cron, every];
export default pipeline("${name}", { schedule: ${schedule} }, ({ task }) => { task("a", () => 1); });
`;
}

async function deployed(project: TestProject): Promise<void> {
  await project.batuta("run", "nightly", "--quiet");
  const store = openSqliteStore({ path: join(project.dir, ".batuta", "batuta.db"), clock: systemClock });
  try {
    const [run] = await store.runs({ limit: 1 });
    await store.deploy({ project: basename(project.dir), versionHash: run?.versionHash ?? "", actor: "tester" });
  } finally {
    await store.close();
  }
}
