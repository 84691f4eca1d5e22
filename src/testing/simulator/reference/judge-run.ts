import type { TaskSpec } from "../../../core/manifest.ts";
import type { Verdict } from "./rule-verdict.ts";

/** A task run as it stands in the end. */
export interface JudgedTask {
  readonly spec: TaskSpec;
  readonly mapKey: string;
  readonly state: string;
  /** What upstream and gates say of it in the end; undefined where it counts for nobody. */
  readonly verdict: Verdict | undefined;
  /** Where that leads, if it never ran. */
  readonly decided: readonly string[];
  /** How its upstream ended. */
  readonly upstream: readonly string[];
  /** Of its last move. */
  readonly reason?: string | undefined;
  /** It was cancelled with its run, which has begun again without it. */
  readonly wasLeftOut?: boolean;
  /** The state that a person put it in, if that still stands. */
  readonly byHand?: string | undefined;
  /** An upstream has changed after its rule was decided, and nobody cleared it: what was decided then stands. */
  readonly isOutdated: boolean;
  /** A group that it is in is tried again when it fails. */
  readonly isOfRetriedGroup: boolean;
  /** Attempts of its last generation, oldest first. */
  readonly attempts: readonly JudgedAttempt[];
}

export interface JudgedAttempt {
  readonly outcome: string | null;
  /** Of its failure. */
  readonly reason: string | null;
}

export interface JudgedRun {
  readonly state: string;
  /** It was stopped since it was created or last run again, and why. */
  readonly stopped: string | undefined;
  /** A person said how it ends. */
  readonly wasEndedByHand: boolean;
  readonly tasks: readonly JudgedTask[];
}

/** Failures after which nobody tries again (RT-3). */
const FINAL_REASONS = ["fatal", "invalid_output", "cannot_start", "cancelled"];

/**
 * The semantics once more, by code of its own and without any order of events: given the graph and how the attempts of
 * a run that has ended went, what must have become of it? Answers what contradicts that, in sentences.
 */
export function judgeRun(run: JudgedRun): readonly string[] {
  const wrong = run.tasks.flatMap((task) => {
    if (task.verdict === undefined || task.state === "removed") return [];
    const wasStopped = run.stopped !== undefined || task.wasLeftOut === true;
    const allowed = [...allowedStates(task, task.verdict, wasStopped), ...overTime(task)];
    if (allowed.includes(task.state)) return [];
    const facts = `${task.spec.when} over [${task.upstream.join(", ")}] (${task.verdict}), attempts [${task.attempts.map(shown).join(", ")}]`;
    return [`${task.spec.name}[${task.mapKey}] is ${task.state}, but by ${facts} it must be ${allowed.join(" or ")}`];
  });
  const outcome = outcomeOf(run);
  return outcome === run.state ? wrong : [...wrong, `the run is ${run.state}, but by its tasks it must be ${outcome}`];
}

/** RS-4, RS-5, and by hand (SU-1). */
const STOPPED_AS_FAILED = ["timeout", "fail_fast", "marked_failed"];

/** RS-1, RS-7. */
function outcomeOf({ tasks, stopped, wasEndedByHand, state }: JudgedRun): string {
  if (wasEndedByHand) return state;
  if (stopped !== undefined) return STOPPED_AS_FAILED.includes(stopped) ? "failed" : "cancelled";
  const hasFailed = tasks.some(
    ({ spec, state }) => (state === "failed" || state === "cancelled") && !spec.allowFailure,
  );
  return hasFailed ? "failed" : "success";
}

/** A stop may have come at any moment, so what it met is one possibility, and `cancelled` always another. */
function allowedStates(task: JudgedTask, verdict: Verdict, wasStopped: boolean): readonly string[] {
  if (task.byHand !== undefined) return [task.byHand];
  const cancelled = wasStopped || isCancelledByOthers(task) ? ["cancelled"] : [];
  const last = task.attempts.at(-1);
  const decided = [
    ...(task.isOutdated ? ["skipped", "upstream_failed", "success"] : task.decided),
    // Its key was taken when it was ready.
    ...(task.reason === "key_taken" ? ["skipped"] : []),
  ];
  // What a sensor finds is nobody's attempt; whether its time was over is watched while it waits.
  if (task.spec.execution.via === "sensor" && (task.isOutdated || decided.includes("deferred")))
    return [...SENSOR_ENDS, ...decided, ...cancelled];
  if (last === undefined) return [...decided.filter((state) => state !== "queued"), ...cancelled];
  if (verdict !== "run" && !task.isOutdated)
    return isOpen(last, task) ? [...decided, ...cancelled] : [`nothing: ${verdict}`];
  return [...stateAfter(last, task, cancelled), ...(isOpen(last, task) ? decided : [])];
}

const SENSOR_ENDS = ["success", "failed", "skipped"];

/** RT-4: at any moment, whatever its attempts had come to; but what has ended well has. */
function overTime({ spec, reason, attempts, byHand }: JudgedTask): readonly string[] {
  const isOver = spec.totalTimeoutMs !== undefined && reason === "timeout" && byHand === undefined;
  return isOver && !["success", "skipped"].includes(attempts.at(-1)?.outcome ?? "") ? ["failed"] : [];
}

/** For a newer one with its key, or with the rest of its group, which a person has kept from being tried again. */
function isCancelledByOthers({ spec, isOfRetriedGroup }: JudgedTask): boolean {
  return spec.keyed?.overflow === "cancel_oldest" || isOfRetriedGroup;
}

/** It would have been tried again, and was taken back to its rule before that by what became of its upstream. */
function isOpen(last: JudgedAttempt, task: JudgedTask): boolean {
  if (last.outcome === "lost") return countOf(task, "lost") <= task.spec.lostLimit;
  return last.outcome === "failed" && !isFinal(last, task);
}

function stateAfter(last: JudgedAttempt, task: JudgedTask, cancelled: readonly string[]): readonly string[] {
  switch (last.outcome) {
    case "success":
      return ["success"];
    case "skipped":
      return ["skipped"];
    case "cancelled":
      return cancelled;
    case "lost":
      return countOf(task, "lost") > task.spec.lostLimit ? ["failed", ...cancelled] : cancelled;
    case "failed":
      return isFinal(last, task) ? ["failed"] : cancelled;
    default:
      return [];
  }
}

/** RT-1, RT-3: lost attempts use up nothing (ST-5). */
function isFinal({ reason }: JudgedAttempt, task: JudgedTask): boolean {
  return FINAL_REASONS.includes(reason ?? "") || countOf(task, "failed") > task.spec.retries.limit;
}

function countOf({ attempts }: JudgedTask, wanted: string): number {
  return attempts.filter(({ outcome }) => outcome === wanted).length;
}

function shown({ outcome, reason }: JudgedAttempt): string {
  return reason === null ? String(outcome) : `${outcome}: ${reason}`;
}
