import { type FinishedState, isFinished, type TaskRunState } from "./state.ts";

/** For what a task run waits in the end that waits for itself in the run before (CC-6). */
export interface PastFacts {
  /** As people see its id. */
  readonly run: string;
  readonly ds: string;
  /** State of the task there. */
  readonly state: TaskRunState;
  /** Runs in between in which it waits so, too. */
  readonly between: number;
  /** It waits there, too: nobody has looked further. */
  readonly isFurther?: true;
}

/** Why a task run that waits for the run before does not go on, and what mends it. */
export function pastText(task: string, past: PastFacts | undefined): string {
  if (past === undefined || past.state === "success" || past.state === "skipped") {
    return "is about to go on: nothing before it is open";
  }
  const { run, ds, state, between, isFurther } = past;
  const chain = `waits for itself in the run before${between === 0 ? "" : `, and so in ${between} more`}`;
  const there = `run ${run} (${ds})`;
  const ask = `see \`batuta why ${run} ${task}\``;
  if (isFurther) return `${chain}: what holds them lies before ${there}, ${ask}`;
  if (!isFinished(state)) return `${chain}: it is ${state} in ${there}, ${ask}`;
  const mend = `mend it with \`batuta retry ${run} --from-failure\``;
  return `${chain}: it ${ENDED[state]} in ${there}; ${mend}, or pass over it with \`batuta mark success ${run} ${task}\``;
}

const ENDED = {
  ...{ success: "succeeded", skipped: "was skipped", failed: "failed", upstream_failed: "could not run" },
  ...{ cancelled: "was cancelled", removed: "was removed" },
} as const satisfies Readonly<Record<FinishedState, string>>;
