import { iso } from "../../core/instant.ts";
import type { PipelineSpec } from "../../core/manifest.ts";
import type { ComingRun } from "../../core/schedule/coming-runs.ts";
import { CompiledVersions } from "../../engine/compiled-versions.ts";
import type { CompiledProject } from "../../execution/project/compile-project.ts";
import type { DeploymentRecord } from "../../store/schedule-store.ts";
import type { Store } from "../../store/store.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { problemLine } from "../find-pipeline.ts";
import { type PlannedPipeline, type PlannedSchedule, plannedChanges } from "../planned-changes.ts";
import { planText } from "../terminal/plan-text.ts";
import { compile, projectOf, type Workspace, withWorkspace } from "../workspace.ts";

export const plan: Verb = {
  declare(command) {
    command
      .description("Show what the files would change if they were deployed now: pipelines, schedules, their next runs.")
      .addHelpText(
        "after",
        "\nIt compares the files with what batuta dev has deployed last, and changes nothing.\n\nExamples:\n  batuta plan\n  batuta plan --json",
      );
  },
  async perform(cli) {
    const project = projectOf(cli);
    const compiled = await compile(cli, project);
    for (const problem of compiled.problems) cli.warn(problemLine(problem));
    return withWorkspace(cli, project, async (workspace) => {
      const deployment = await workspace.store.deployment(project.name);
      if (deployment === undefined) cli.note("Nothing is deployed yet: batuta dev does it.");
      const pipelines = await changes(cli, workspace, compiled, deployment);
      return answer(cli, pipelines, deployment?.versionHash === compiled.hash);
    });
  },
};

async function changes(
  cli: Cli,
  { store, project }: Workspace,
  { manifest, problems }: CompiledProject,
  deployment: DeploymentRecord | undefined,
) {
  const deployed = deployment === undefined ? [] : await deployedPipelines(store, deployment);
  const compiled = new Set(manifest.pipelines.map(({ name }) => name));
  const broken = new Set(problems.filter(({ severity }) => severity === "error").map(({ file }) => file));
  const kept = deployed.filter(({ name, location }) => !compiled.has(name) && broken.has(location.file));
  for (const { name } of kept) cli.note(`${name} stays as it is deployed, for its file is broken.`);
  return plannedChanges({
    ...{ project: project.name, deployed, compiled: manifest.pipelines, now: await store.now() },
    kept: new Set(kept.map(({ name }) => name)),
    records: await store.schedules(project.name),
    paused: new Set((await store.pausedPipelines(project.name)).map(({ pipeline }) => pipeline)),
  });
}

/** Those of the version, and of older ones where a file has been broken since. */
async function deployedPipelines(store: Store, deployment: DeploymentRecord): Promise<readonly PipelineSpec[]> {
  const versions = new CompiledVersions(store);
  const current = await store.version(deployment.versionHash);
  const isKept = new Set(deployment.kept.map(({ pipeline }) => pipeline));
  const pipelines = (current?.manifest.pipelines ?? []).filter(({ name }) => !isKept.has(name));
  for (const { pipeline, versionHash } of deployment.kept) {
    pipelines.push(await versions.pipeline(versionHash, pipeline));
  }
  return pipelines;
}

function answer({ out }: Cli, pipelines: readonly PlannedPipeline[], isSame: boolean): Answer {
  return {
    data: {
      isSameVersion: isSame,
      pipelines: pipelines.map(({ name, change, schedules }) => ({ name, change, schedules: schedules.map(reportOf) })),
    },
    text: () => planText(pipelines, out) ?? (isSame ? "Nothing changes." : ONLY_CODE),
  };
}

const ONLY_CODE = "Pipelines and schedules stay as they are; the code of tasks or other files have changed.";

function reportOf({ name, change, before, after, runsBefore, runsAfter }: PlannedSchedule) {
  return {
    ...{ name, change },
    ...(before === undefined ? {} : { before: { schedule: before, nextRuns: runsBefore.map(runReport) } }),
    ...(after === undefined ? {} : { after: { schedule: after, nextRuns: runsAfter.map(runReport) } }),
  };
}

function runReport({ at, interval, isPartial }: ComingRun) {
  return {
    at: iso(at),
    interval: { start: iso(interval.start), end: iso(interval.end) },
    ...(isPartial === undefined ? {} : { isPartial }),
  };
}
