import { formatDuration } from "../../core/duration.ts";
import { isJunction } from "../../core/junction.ts";
import { withoutJunction } from "../../core/junction-name.ts";
import type { MapSpec, PipelineSpec, PoolShare, SensorSpec, TaskSpec } from "../../core/manifest.ts";
import { sensorText } from "../../core/sensors/sensor-text.ts";

/** What there is to say of a task that has no column of its own. */
export function taskNotes(task: TaskSpec, index: number, pipeline: Pick<PipelineSpec, "tasks">): string {
  const parts = [
    task.description,
    task.execution.via === "sensor" ? sensorNotes(task.execution.sensor) : undefined,
    ...partInGraph(task, index, pipeline),
    task.map === undefined ? undefined : mapText(task.map, pipeline),
    task.allowFailure && task.role !== "teardown" ? "may fail" : undefined,
    task.concurrency === undefined ? undefined : `at most ${task.concurrency} at a time`,
    task.priority === 0 ? undefined : `priority ${task.priority}`,
    task.priorityBy === undefined ? undefined : "longest way first",
    task.dependsOnPast ? "after the run before" : undefined,
    task.pools === undefined ? undefined : `pool ${task.pools.map(poolText).join(", ")}`,
    task.hasRunIf === true ? "under a condition" : undefined,
    task.hasDoneWhen ? "skipped when done already" : undefined,
    task.inputs.length === 0 ? undefined : `reads ${task.inputs.map(({ key }) => key).join(", ")}`,
    task.outputs.length === 0 ? undefined : `writes ${task.outputs.map(({ key }) => key).join(", ")}`,
  ];
  return parts.filter((part) => part !== undefined).join(" · ");
}

/** `waits for files in/*.csv, up to 6 h 00 min`. */
function sensorNotes(sensor: SensorSpec): string {
  const skips = sensor.onTimeout === "skip" ? ", and is skipped then" : "";
  return `waits for ${sensorText(sensor)}, up to ${formatDuration(sensor.timeoutMs)}${skips}`;
}

/** `for each of list_files, at most 4 at a time`. */
export function mapText({ over, maxParallel }: MapSpec, { tasks }: Pick<PipelineSpec, "tasks">): string {
  const items = over.kind === "items" && Array.isArray(over.items) ? over.items.length.toLocaleString("en") : "";
  const source = over.kind === "task" ? tasks[over.index]?.name : `${items} items`;
  return `for each of ${source}${maxParallel === undefined ? "" : `, at most ${maxParallel} at a time`}`;
}

/** `extract, load and 3 more`. */
export function someNames(names: readonly string[], namesMax: number): string {
  const more = names.length - namesMax;
  const shown = names.slice(0, namesMax).join(", ");
  return more > 0 ? `${shown} and ${more.toLocaleString("en")} more` : shown;
}

const CHOICES_NAMED_MAX = 5;

function partInGraph(
  { decides, role, cleanup }: TaskSpec,
  index: number,
  pipeline: Pick<PipelineSpec, "tasks">,
): readonly string[] {
  const { tasks } = pipeline;
  if (decides === "branch") return [`chooses from ${someNames(choicesOf(index, tasks), CHOICES_NAMED_MAX)}`];
  if (decides === "short_circuit") return ["skips what follows when false"];
  if (role === "setup") return ["set-up"];
  if (role !== "teardown") return [];
  return [`tear-down of ${(cleanup?.setups ?? []).map((setup) => tasks[setup]?.name).join(", ")}`];
}

function choicesOf(branch: number, tasks: readonly TaskSpec[]): readonly string[] {
  return tasks.flatMap((task) => {
    const isChoice = task.gates?.includes(branch) === true && task.upstream.includes(branch);
    return isChoice ? [isJunction(task) ? withoutJunction(task.name) : task.name] : [];
  });
}

function poolText({ name, slots }: PoolShare): string {
  return slots === 1 ? name : `${name} (${slots} slots)`;
}
