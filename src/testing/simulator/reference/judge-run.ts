import type { TaskSpec } from "../../../core/manifest.ts";
import { ruleVerdict } from "./rule-verdict.ts";

/** A task run as it stands in the end. */
export interface JudgedTask {
  readonly spec: TaskSpec;
  readonly taskIndex: number;
  readonly state: string;
  /** The state that a person put it in, if that still stands. */
  readonly byHand?: string | undefined;
  /** An upstream has changed after its rule was decided, and nobody cleared it: what was decided then stands. */
  readonly isOutdated: boolean;
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
  const states = new Map(run.tasks.map(({ taskIndex, state }) => [taskIndex, state]));
  const wrong = run.tasks.flatMap((task) => {
    const upstream = task.spec.upstream.flatMap((index) => states.get(index) ?? []);
    const allowed = allowedStates(task, upstream, run.stopped !== undefined);
    if (allowed.includes(task.state)) return [];
    const facts = `${task.spec.when} over [${upstream.join(", ")}], attempts [${task.attempts.map(shown).join(", ")}]`;
    return [`${task.spec.name} is ${task.state}, but by ${facts} it must be ${allowed.join(" or ")}`];
  });
  const outcome = outcomeOf(run);
  return outcome === run.state ? wrong : [...wrong, `the run is ${run.state}, but by its tasks it must be ${outcome}`];
}

/** RS-4, RS-5. */
const STOPPED_BY_RULE = ["timeout", "fail_fast"];

/** RS-1, RS-7. */
function outcomeOf({ tasks, stopped, wasEndedByHand, state }: JudgedRun): string {
  if (wasEndedByHand) return state;
  if (stopped !== undefined) return STOPPED_BY_RULE.includes(stopped) ? "failed" : "cancelled";
  const hasFailed = tasks.some(
    ({ spec, state }) => (state === "failed" || state === "cancelled") && !spec.allowFailure,
  );
  return hasFailed ? "failed" : "success";
}

/** A stop may have come at any moment, so what it met is one possibility, and `cancelled` always another. */
function allowedStates(task: JudgedTask, upstream: readonly string[], wasStopped: boolean): readonly string[] {
  if (task.byHand !== undefined) return [task.byHand];
  const verdict = ruleVerdict(task.spec.when, upstream);
  const cancelled = wasStopped ? ["cancelled"] : [];
  const last = task.attempts.at(-1);
  if (last !== undefined) {
    return verdict === "run" || task.isOutdated ? stateAfter(last, task, cancelled) : [`nothing: ${verdict}`];
  }
  if (task.isOutdated) return ["skipped", "upstream_failed", ...cancelled];
  if (verdict === "skip") return ["skipped", ...cancelled];
  if (verdict === "upstream_failed") return ["upstream_failed", ...cancelled];
  return cancelled;
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
