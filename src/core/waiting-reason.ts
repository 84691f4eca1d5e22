import { cacheOriginOf } from "./cache-reason.ts";
import { childOf } from "./child-reason.ts";
import { doneBy } from "./done-reason.ts";
import { formatDuration } from "./duration.ts";
import type { Failure } from "./failure.ts";
import { type HoldCode, holdReason, type ScopeHolder } from "./hold-reason.ts";
import type { Instant } from "./instant.ts";
import { withoutJunction } from "./junction-name.ts";
import type { Hold } from "./lane.ts";
import type { TaskSpec } from "./manifest.ts";
import { operatorOf } from "./operator-reason.ts";
import { type PastFacts, pastText } from "./past-reason.ts";
import { WAITS_FOR_PAST } from "./past-wait.ts";
import { admissionText, type PauseFacts, type PipelineLoad, pauseText } from "./run-admission.ts";
import { type WatchFacts, watchText } from "./sensors/sensor-text.ts";
import { SENSOR_TIMEOUT } from "./sensors/sensor-wait.ts";
import { isFinished, type RunState, type TaskRunState } from "./state.ts";
import { TRIGGER_RULES, type TriggerRule } from "./trigger-rule.ts";

/** Everything that `explainTaskRun` looks at. Rows of the store fit as they are. */
export interface TaskRunQuestion {
  readonly taskRun: TaskRunFacts;
  /** Tasks of the pipeline, by index. */
  readonly tasks: readonly ExplainedTask[];
  /** States of its direct upstream, as far as they are part of the run. */
  readonly upstream: ReadonlyMap<number, TaskRunState>;
  /** What has to end before it can start, when that is more or other than its upstream: behind groups and set-ups. */
  readonly waitsFor?: ReadonlyMap<number, TaskRunState>;
  readonly runState: RunState;
  /** When its run waits for its place, or its pipeline is paused. */
  readonly admission?: { readonly load: PipelineLoad; readonly pause?: PauseFacts };
  /** The lane it waits in, when it is queued. */
  readonly lane?: WaitingLane;
  /** The run of another pipeline that it waits for. */
  readonly child?: { readonly pipeline: string; readonly state: RunState } | undefined;
  /** When it waits for itself in the run before. */
  readonly past?: PastFacts | undefined;
  /** Of a sensor that waits. */
  readonly watch?: WatchFacts | undefined;
  readonly engine: EngineFacts;
  readonly now: Instant;
}

export interface WaitingLane {
  /** Ready task runs in it. */
  readonly waiting: number;
  readonly holds: readonly Hold[];
  /** Of the scopes that hold it, longest first. */
  readonly holders?: readonly ScopeHolder[];
}

export interface TaskRunFacts {
  readonly taskIndex: number;
  readonly state: TaskRunState;
  readonly attempt: number;
  readonly lost: number;
  readonly dueAt?: Instant;
  readonly reason?: string;
  readonly failure?: Failure;
}

type ExplainedTask = Pick<TaskSpec, "name" | "when" | "retries" | "lostLimit"> & Partial<Pick<TaskSpec, "execution">>;

export interface EngineFacts {
  /** Whether a live session executes this run. */
  readonly isRunning: boolean;
  /** The backfill that the run belongs to. */
  readonly backfill?: number;
  /** Of that session, when known. */
  readonly slots?: { readonly used: number; readonly total: number };
}

/** Why a task run is in its state: for machines by code, for people as a sentence. */
export interface StateReason {
  readonly code: ReasonCode;
  readonly sentence: string;
}

export type ReasonCode =
  | "waits_for_upstream"
  | "undecided"
  | "run_queued"
  | "run_cancelling"
  | "no_engine"
  | HoldCode
  | "next_claim"
  | "back_off"
  | "deferred"
  | "waits_for_past"
  | "waits_for_run"
  | "waits_for_sensor"
  | "running"
  | "skipped_by_rule"
  | "skipped_by_key"
  | "skipped_by_task"
  | "skipped_by_condition"
  | "skipped_by_gate"
  | "skipped_by_map"
  | "skipped_by_timeout"
  | "upstream_failed"
  | "failed"
  | "cancelled"
  | "removed"
  | "success";

/** Upstream tasks that a sentence names. */
const NAMED_MAX = 10;

/** Why a task run waits, or ended as it did: at least one reason for every state, the nearest cause first. */
export function explainTaskRun(question: TaskRunQuestion): readonly StateReason[] {
  const { state } = question.taskRun;
  if (isFinished(state)) return [finishedReason(question, state)];
  return [...unfinishedReasons(question, state), ...hindrances(question)];
}

function unfinishedReasons(question: TaskRunQuestion, state: TaskRunState): readonly StateReason[] {
  switch (state) {
    case "scheduled":
      return [upstreamReason(question)];
    case "queued":
      return queuedReasons(question);
    case "retrying":
      return [backOffReason(question)];
    case "deferred":
      return [deferredReason(question)];
    default:
      return [reason("running", `is running: ${attemptText(question)}`)];
  }
}

/** What holds up a whole run. */
function hindrances({ runState, engine, admission }: TaskRunQuestion): readonly StateReason[] {
  const reasons: StateReason[] = [];
  if (runState === "cancelling") reasons.push(reason("run_cancelling", "its run is being cancelled"));
  if (runState === "queued") {
    const why = admission === undefined ? "" : `: ${admissionText(admission.load, admission.pause)}`;
    reasons.push(reason("run_queued", `its run waits for its place${why}`));
  }
  if (!engine.isRunning) {
    reasons.push(
      reason(
        "no_engine",
        engine.backfill === undefined
          ? "no engine is running for it: start one with `batuta run` and the pipeline's name"
          : `no engine is running for it: start one with \`batuta backfill resume ${engine.backfill}\``,
      ),
    );
  }
  return reasons;
}

function deferredReason(question: TaskRunQuestion): StateReason {
  const { taskRun, child, watch, now } = question;
  const { execution } = taskOf(question);
  if (execution?.via === "sensor") return reason("waits_for_sensor", watchText(execution.sensor, watch, now));
  const run = childOf(taskRun.reason);
  if (taskRun.reason === WAITS_FOR_PAST) {
    return reason("waits_for_past", pastText(taskOf(question).name, question.past));
  }
  if (run === undefined) {
    return reason("deferred", `waits for time, an event or a person${because(taskRun.reason)}`);
  }
  const whose = child === undefined ? "" : ` of pipeline ${child.pipeline}: ${child.state}`;
  return reason("waits_for_run", `waits for run ${run}${whose}`);
}

function upstreamReason(question: TaskRunQuestion): StateReason {
  const { when } = taskOf(question);
  const { waitsFor = question.upstream } = question;
  const open = upstreamNames({ ...question, upstream: waitsFor }, (state) => !isFinished(state));
  const rule = when === "all_success" ? "" : `, by its rule ${when}`;
  if (open !== undefined) return reason("waits_for_upstream", `waits for upstream: ${open}${rule}`);
  if (question.runState === "queued") return reason("undecided", "is decided when its run begins");
  return reason("undecided", "all its upstream tasks have finished and its rule is about to decide");
}

function queuedReasons({ lane, engine, now, admission }: TaskRunQuestion): readonly StateReason[] {
  if (lane !== undefined && lane.holds.length > 0) {
    const pause = admission?.pause;
    return lane.holds.map((hold) =>
      hold.kind === "paused" && pause !== undefined
        ? reason("paused", `ready, but ${pauseText(pause)}`)
        : holdReason(hold, lane.holders ?? [], now),
    );
  }
  const { slots } = engine;
  if (slots !== undefined && slots.used >= slots.total) {
    return [reason("no_free_slot", `ready, but all ${counted(slots.total, "slot")} are in use`)];
  }
  const others = lane === undefined ? 0 : lane.waiting - 1;
  const beside = others > 0 ? `, beside ${counted(others, "other")}` : "";
  return [
    reason("next_claim", `ready: waits for the next claim${beside}${engine.backfill === undefined ? "" : BEHIND}`),
  ];
}

const BEHIND = "; live runs go before a backfill, which leaves half of the other slots free to them";

function backOffReason(question: TaskRunQuestion): StateReason {
  const { taskRun, now } = question;
  const leftMs = (taskRun.dueAt ?? now) - now;
  const due = leftMs > 0 ? `due in ${formatDuration(leftMs)}` : "over, so it is queued at the next turn";
  return reason("back_off", `waits for its back-off: ${due}; ${attemptText(question)} ${failureText(taskRun)}`);
}

function finishedReason(question: TaskRunQuestion, state: TaskRunState): StateReason {
  const { taskRun } = question;
  switch (state) {
    case "success":
      return reason("success", succeededText(taskRun.reason));
    case "failed":
      return reason("failed", failedText(question));
    case "upstream_failed":
      return upstreamFailedReason(question);
    case "skipped":
      return skipReason(question);
    case "cancelled":
      return reason("cancelled", cancelledText(taskRun));
    default:
      return reason("removed", "its task or map index is no longer part of the pipeline");
  }
}

function succeededText(recorded: string | undefined): string {
  const operator = operatorOf(recorded);
  if (operator !== undefined) return `was marked as success by ${operator}`;
  const done = doneBy(recorded);
  if (done !== undefined)
    return done === "" ? "was done already: its doneWhen said so" : `was done already: ${done} exists`;
  const child = childOf(recorded);
  if (child !== undefined) return `succeeded by run ${child}`;
  const origin = cacheOriginOf(recorded);
  if (origin === undefined) return `succeeded${because(recorded)}`;
  return `was taken from the cache: run ${origin.runId} made it at ${new Date(origin.at).toISOString()}`;
}

function failedText(question: TaskRunQuestion): string {
  const { taskRun } = question;
  const operator = operatorOf(taskRun.reason);
  if (operator !== undefined) return `was marked as failed by ${operator}`;
  if (taskOf(question).execution?.via === "sensor") return `${failureText(taskRun)}${hintText(taskRun)}`;
  return `failed: ${attemptText(question)} ${failureText(taskRun)}${hintText(taskRun)}`;
}

function cancelledText({ failure, reason: recorded }: TaskRunFacts): string {
  const operator = operatorOf(recorded);
  if (operator !== undefined) return `was cancelled by ${operator}`;
  return `was cancelled${because(failure?.message ?? RULE_WORDS.get(recorded ?? "") ?? recorded)}`;
}

/** Why a rule of the pipeline has cancelled a task run. */
const RULE_WORDS: ReadonlyMap<string, string> = new Map([
  ["fail_fast", "another task failed, and the first failure ends the run"],
  ["timeout", "its run took too long"],
  ["cleanup_timeout", "the time for cleaning up was over"],
]);

function skipReason(question: TaskRunQuestion): StateReason {
  const { reason: recorded } = question.taskRun;
  if (recorded === "run_if") return reason("skipped_by_condition", "was skipped: its condition `runIf` was false");
  if (recorded === "empty_map") return reason("skipped_by_map", "was skipped: the list it is mapped over is empty");
  if (recorded === SENSOR_TIMEOUT) {
    return reason("skipped_by_timeout", "was skipped: what it waits for had not come in time");
  }
  if (recorded === "key_taken") return reason("skipped_by_key", "was skipped: another run held its key");
  const gate = gateText(recorded);
  if (gate !== undefined) return reason("skipped_by_gate", `was skipped: ${gate}`);
  const byRule = recorded === undefined || TRIGGER_RULES.some((rule) => recorded.startsWith(`${rule}:`));
  if (!byRule) return reason("skipped_by_task", `skipped itself: ${recorded}`);
  return reason("skipped_by_rule", `was skipped by its rule ${decided(question, SKIPPED_BY[taskOf(question).when])}`);
}

function upstreamFailedReason(question: TaskRunQuestion): StateReason {
  const gate = gateText(question.taskRun.reason);
  const why = gate === undefined ? ` by its rule ${decided(question, isBad)}` : `: ${gate}`;
  return reason("upstream_failed", `could not run${why}`);
}

/** `branch choose did not choose it`, when a gate has decided. */
function gateText(recorded: string | undefined): string | undefined {
  const [, kind = "", rest = ""] = /^(\w+): (.*)$/s.exec(recorded ?? "") ?? [];
  const called = GATES.get(kind);
  return called === undefined ? undefined : `${called} ${rest}`;
}

const GATES: ReadonlyMap<string, string> = new Map([
  ["branch", "branch"],
  ["short_circuit", "short circuit"],
  ["group", "group"],
  ["setup", "set-up"],
  ["input", "its input"],
  ["map", "its map"],
]);

/** The rule and the upstream tasks that decided it. */
function decided(question: TaskRunQuestion, decides: (state: TaskRunState) => boolean): string {
  const names = upstreamNames(question, decides) ?? "upstream tasks that have since been cleared";
  return `${taskOf(question).when}: ${names}`;
}

/** Outcomes of upstream tasks by which a rule skips. */
const SKIPPED_BY: Readonly<Record<TriggerRule, (state: TaskRunState) => boolean>> = {
  all_success: isSkipped,
  all_failed: (state) => state === "success" || state === "skipped",
  all_done: isFinished,
  all_done_min_one_success: isSkipped,
  all_skipped: (state) => isFinished(state) && state !== "skipped",
  one_success: isSkipped,
  one_failed: isFinished,
  one_done: isFinished,
  none_failed: isSkipped,
  none_failed_min_one_success: isSkipped,
  none_skipped: isSkipped,
  always: isFinished,
};

function isSkipped(state: TaskRunState): boolean {
  return state === "skipped";
}

function isBad(state: TaskRunState): boolean {
  return state === "failed" || state === "upstream_failed" || state === "cancelled";
}

/** `join_sources (failed), load (skipped)`, or undefined when there is none. */
function upstreamNames(
  { tasks, upstream }: TaskRunQuestion,
  which: (state: TaskRunState) => boolean,
): string | undefined {
  const chosen = [...upstream].filter(([, state]) => which(state));
  if (chosen.length === 0) return undefined;
  const names = chosen
    .slice(0, NAMED_MAX)
    .map(([index, state]) => `${withoutJunction(tasks[index]?.name ?? `task ${index}`)} (${state})`);
  const more = chosen.length > NAMED_MAX ? ` and ${chosen.length - NAMED_MAX} more` : "";
  return names.join(", ") + more;
}

/** Lost attempts are outside the budget, so they are counted apart (ST-5). */
function attemptText(question: TaskRunQuestion): string {
  const { attempt, lost } = question.taskRun;
  const { retries } = taskOf(question);
  const beside = lost > 0 ? ` (and ${counted(lost, "lost attempt")} replaced)` : "";
  return `attempt ${attempt - lost} of ${retries.limit + 1}${beside}`;
}

function failureText({ failure, reason: recorded }: TaskRunFacts): string {
  if (failure === undefined) return recorded === undefined ? "failed" : `failed with ${recorded}`;
  const at = failure.location === undefined ? "" : ` at ${failure.location.file}:${failure.location.line}`;
  const asking = failure.asking === undefined ? "" : ` in ${failure.asking}`;
  return `failed with ${failure.reason}${asking}: ${failure.message}${at}`;
}

function hintText({ failure }: TaskRunFacts): string {
  return failure?.hint === undefined ? "" : ` (${failure.hint})`;
}

function because(why: string | undefined): string {
  return why === undefined ? "" : `: ${why}`;
}

function counted(count: number, noun: string): string {
  return `${count} ${noun}${count === 1 ? "" : "s"}`;
}

function taskOf({ tasks, taskRun }: TaskRunQuestion): ExplainedTask {
  const task = tasks[taskRun.taskIndex];
  if (task === undefined) throw new Error(`There is no task ${taskRun.taskIndex} to explain.`);
  return task;
}

function reason(code: ReasonCode, sentence: string): StateReason {
  return { code, sentence };
}
