import { instantText } from "../core/instant.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { comingRuns } from "../core/schedule/coming-runs.ts";
import type { ScheduleSpec } from "../core/schedule/schedule-spec.ts";
import { timingText } from "../core/schedule/timing-text.ts";
import type { RunRecord } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import { findRun } from "./run-reference.ts";
import { intervalText } from "./terminal/interval-text.ts";
import { compile, type Workspace } from "./workspace.ts";

type Place = Pick<Workspace, "project" | "store">;

export type FoundRun = { readonly kind: "run"; readonly run: RunRecord } | NeverRun;

/** A pipeline that is in the project and has no run yet. */
export interface NeverRun {
  readonly kind: "never_run";
  readonly pipeline: PipelineSpec;
  /** Absent where it is in the files alone. */
  readonly deployedAt?: number;
}

/** The run that a person means, or the pipeline of that name that has none yet. Throws `not_found` for anything else. */
export async function findRunOrPipeline(cli: Cli, place: Place, reference: string): Promise<FoundRun> {
  try {
    return { kind: "run", run: await findRun(place.store, place.project.name, reference) };
  } catch (error) {
    if (!(error instanceof BatutaError) || error.code !== "not_found") throw error;
    const pipeline = await findNeverRun(cli, place, reference);
    if (pipeline === undefined) throw error;
    return pipeline;
  }
}

/** The run that a person means. Who means a pipeline that has never run is told so. */
export async function findRunOf(cli: Cli, place: Place, reference: string): Promise<RunRecord> {
  const found = await findRunOrPipeline(cli, place, reference);
  if (found.kind === "run") return found.run;
  const { name } = found.pipeline;
  throw new BatutaError("not_found", `Pipeline "${name}" has never run.`, {
    hint: `Start it: ${commandText(cli, `run ${name}`)}. ${commandText(cli, `why ${name}`)} says when it runs by itself.`,
  });
}

async function findNeverRun(cli: Cli, { project, store }: Place, name: string): Promise<NeverRun | undefined> {
  if (name === "latest") return undefined;
  const deployment = await store.deployment(project.name);
  const kept = deployment?.kept.find(({ pipeline }) => pipeline === name);
  const hash = kept?.versionHash ?? deployment?.versionHash;
  const version = hash === undefined ? undefined : await store.version(hash);
  const deployed = version?.manifest.pipelines.find((pipeline) => pipeline.name === name);
  if (deployed !== undefined && deployment !== undefined) {
    return { kind: "never_run", pipeline: deployed, deployedAt: deployment.deployedAt };
  }
  const { manifest } = await compile(cli, project);
  const pipeline = manifest.pipelines.find((one) => one.name === name);
  return pipeline === undefined ? undefined : { kind: "never_run", pipeline };
}

/** That it has never run, what would start it by itself, and how to start it; schedules that are deployed say more. */
export function neverRunSentences(cli: Cli, { pipeline, deployedAt }: NeverRun, project: string): readonly string[] {
  const { name, schedules = [], triggers = [], location } = pipeline;
  const start = `Start it by hand: ${commandText(cli, `run ${name}`)}`;
  const head = `${name} has never run (${location.file}:${location.line}).`;
  const isManual = schedules.length + triggers.length === 0;
  if (isManual) return [head, `It has neither a schedule nor a trigger. ${start}`];
  if (deployedAt !== undefined) return [head, `It was deployed last at ${instantText(deployedAt)}.`, start];
  const now = cli.clock.wall();
  return [
    head,
    `It is not deployed: ${commandText(cli, "dev")} deploys it, and starts its runs.`,
    ...schedules.map((spec) => scheduleSentence(spec, `${project}/${name}/${spec.name}`, now)),
    ...triggers.map((trigger) => `Trigger ${trigger.name} would then start runs for its events.`),
    start,
  ];
}

function scheduleSentence(spec: ScheduleSpec, seed: string, now: number): string {
  const it = `Schedule ${spec.name} (${timingText(spec.timing)}, ${spec.timezone})`;
  if (!spec.enabled) return `${it} is off, by its definition: enabled is false.`;
  const [first] = comingRuns({ spec, seed, origin: now }, now, 1);
  if (first !== undefined) {
    return `${it} would make its first run at ${instantText(first.at)}, on ${intervalText(first.interval)}.`;
  }
  if (spec.timing.kind === "continuous") return `${it} would make its first run when it is deployed.`;
  if (spec.timing.kind === "code") return `${it} would ask its function.`;
  return `${it} has no run to come: \`batuta check\` says why.`;
}
