import { formatDuration } from "../../core/duration.ts";
import type { PipelineSpec, TaskSpec } from "../../core/manifest.ts";
import { sensorText } from "../../core/sensors/sensor-text.ts";
import { taskRunName } from "../../core/shown-task-runs.ts";
import { isFinished } from "../../core/state.ts";
import type { Copies, DeadlineChange, RunChange, TaskChange } from "../run-progress.ts";
import { attemptOf } from "./attempt-text.ts";
import { formatTimeOfDay } from "./instant-text.ts";
import { copiesText } from "./live-run.ts";
import type { Output } from "./output.ts";
import { reasonText } from "./reason-text.ts";
import { paintState, stateIcon, stateLabel } from "./state-style.ts";
import { oneLine } from "./text-width.ts";

/** One change of a run as one line of a log; undefined for what is not worth one. */
export function changeLine(
  change: TaskChange | RunChange | DeadlineChange,
  pipeline: Pick<PipelineSpec, "tasks">,
  { colors }: Pick<Output, "colors">,
  copies?: Copies,
): string | undefined {
  const time = colors.dim(formatTimeOfDay(change.at));
  if (change.kind === "deadline") {
    return `${time} ${colors.yellow("!")} ${change.task ?? "run"} late (${change.deadline})${said(change.waitsFor.join("; "))}`;
  }
  const icon = paintState(colors, change.state, stateIcon(change.state));
  if (change.kind === "run") {
    if (change.state === "queued") return undefined;
    return `${time} ${icon} run ${stateLabel(change.state)}${said(reasonText(change.reason, change.state))}`;
  }
  if (SILENT.includes(change.state)) return undefined;
  const spec = pipeline.tasks[change.task];
  if (copies !== undefined && copies.total > ITEMS_TOLD_MAX && !isWorthTelling(change, copies)) {
    return isMilestone(change, copies) ? `${time} ${icon} ${spec?.name ?? ""} ${copiesText(copies)}` : undefined;
  }
  const name = taskRunName(spec?.name ?? `task ${change.task}`, change.mapKey);
  return `${time} ${icon} ${name} ${stateLabel(change.state)}${details(change, spec)}`;
}

/** States that only say that a task waits its turn. */
const SILENT = ["scheduled", "queued"];

/** Maps over more items than this are told of in tenths, with their first failures. */
const ITEMS_TOLD_MAX = 20;

function isWorthTelling({ state }: TaskChange, { failed }: Copies): boolean {
  return (state === "failed" || state === "cancelled") && failed <= ITEMS_TOLD_MAX;
}

/** Another tenth of the items is done. */
function isMilestone({ state }: TaskChange, { total, finished }: Copies): boolean {
  return isFinished(state) && Math.floor((10 * finished) / total) > Math.floor((10 * (finished - 1)) / total);
}

function details(change: TaskChange, spec: TaskSpec | undefined): string {
  const retryLimit = spec?.retries.limit ?? 0;
  const { state, attempt, startedAt, finishedAt, dueAt, at, message, reason } = change;
  const lasted =
    startedAt === undefined || finishedAt === undefined ? "" : ` in ${formatDuration(finishedAt - startedAt)}`;
  switch (state) {
    case "running":
      return attempt > 1 ? ` (${attemptOf(attempt, retryLimit)})` : "";
    case "deferred":
      return `: waits for ${spec?.execution.via === "sensor" ? sensorText(spec.execution.sensor) : reasonText(reason, state)}`;
    case "success":
      return reason === undefined ? lasted : ` (${reasonText(reason, state)})`;
    case "retrying": {
      const due = dueAt === undefined ? "" : ` in ${formatDuration(dueAt - at)}`;
      return `${due} after attempt ${attempt}${said(message ?? reasonText(reason, state))}`;
    }
    default:
      return `${lasted}${said(message ?? reasonText(reason, state))}`;
  }
}

function said(text: string): string {
  return text === "" ? "" : `: ${oneLine(text)}`;
}
