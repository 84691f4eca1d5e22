import { closestName } from "../../core/closest-name.ts";
import type { PipelineSpec, PoolShare, TaskSpec } from "../../core/manifest.ts";
import { slotsOfPool } from "../../core/pool-limit.ts";
import type { ProjectLimits } from "../../core/task-scopes.ts";
import { codeFrame } from "./code-frame.ts";
import type { SourceFile } from "./collect-sources.ts";
import type { ProjectProblem } from "./problem.ts";
import { SETTINGS_FILE } from "./settings.ts";

interface CheckedPipelines {
  readonly pipelines: readonly PipelineSpec[];
  readonly problems: readonly ProjectProblem[];
}

/** Leaves out pipelines with a task that could never start: its pool is unknown, or has fewer slots than it needs (CC-4). */
export function checkLimits(
  pipelines: readonly PipelineSpec[],
  limits: ProjectLimits,
  sources: readonly SourceFile[],
): CheckedPipelines {
  const problems: ProjectProblem[] = [];
  const sound = pipelines.filter((pipeline) => {
    const faults = pipeline.tasks.flatMap((task) => faultsOf(task, limits, sources));
    problems.push(...faults);
    return faults.length === 0;
  });
  return { pipelines: sound, problems };
}

function faultsOf(
  task: TaskSpec,
  { pools = {} }: ProjectLimits,
  sources: readonly SourceFile[],
): readonly ProjectProblem[] {
  return (task.pools ?? []).flatMap((share) => {
    const limit = Object.hasOwn(pools, share.name) ? pools[share.name] : undefined;
    const slots = limit === undefined ? undefined : slotsOfPool(limit);
    // A closed pool is closed on purpose.
    if (slots === 0 || (slots !== undefined && slots >= share.slots)) return [];
    return [problem(task, slots === undefined ? unknownPool(task, share, pools) : tooFew(task, share, slots), sources)];
  });
}

function unknownPool({ name }: TaskSpec, share: PoolShare, pools: NonNullable<ProjectLimits["pools"]>) {
  const meant = closestName(share.name, Object.keys(pools));
  const example = `${SETTINGS_FILE}: "pools": { "${share.name}": 4 }`;
  return {
    message: `Task "${name}" takes slots of the pool "${share.name}", which does not exist.`,
    hint: meant === undefined ? `Say in ${example}.` : `Did you mean "${meant}"? A new pool is said in ${example}.`,
  };
}

function tooFew({ name }: TaskSpec, share: PoolShare, slots: number) {
  return {
    message: `Task "${name}" needs ${share.slots} slots of the pool "${share.name}", which has ${slots}.`,
    hint: `It could never start: ask for fewer, or give the pool more in ${SETTINGS_FILE}.`,
  };
}

function problem(
  { location }: TaskSpec,
  text: { readonly message: string; readonly hint: string },
  sources: readonly SourceFile[],
): ProjectProblem {
  const source = sources.find(({ path }) => path === location.file);
  return {
    severity: "error",
    code: "invalid_definition",
    file: location.file,
    location,
    ...text,
    ...(source === undefined ? {} : { codeFrame: codeFrame(new TextDecoder().decode(source.content), location) }),
  };
}
