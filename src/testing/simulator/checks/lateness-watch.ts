import { isFinished, isRunFinished } from "../../../core/state.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import type { RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

/** A deadline that counts from a start, of a run or of a task in it. */
interface Deadline {
  readonly allowedMs: number;
  /** When a person has begun it anew, or its run was created. */
  since: number;
  wasTold: boolean;
}

interface Times {
  readonly deadlines: Map<number, Deadline>;
  /** When the run has begun, first and again; infinite while it waits for its place once more. */
  readonly starts: number[];
}

type Seen<Kind extends EventBody["kind"]> = {
  readonly at: number;
  readonly body: Extract<EventBody, { kind: Kind }>;
};

/**
 * Word that something is late (docs/deadlines.md): none before its time, none of what has ended, one for each
 * generation, and once all is well none that does not come while what is late goes on.
 */
export class LatenessWatch {
  readonly #findings: Findings;
  readonly #probes: Probes;
  readonly #slackMs: number;
  readonly #runs = new Map<RunFold, Times>();
  #healedAt = Number.POSITIVE_INFINITY;

  /** @param slackMs once all is well whatever is due has happened this long after */
  constructor(parts: { readonly findings: Findings; readonly probes: Probes }, slackMs: number) {
    this.#findings = parts.findings;
    this.#probes = parts.probes;
    this.#slackMs = slackMs;
  }

  healed(at: number): void {
    this.#healedAt = at;
  }

  saw(fold: RunFold, at: number, body: EventBody): void {
    const times = this.#timesOf(fold, at);
    if (times.deadlines.size === 0) return;
    if (body.kind === "run_state") this.#sawRun(fold, times, { at, body });
    if (body.kind === "task_state") this.#sawTask(fold, times, { at, body });
    if (body.kind === "deadline_missed") this.#sawMiss(fold, times, { at, body });
  }

  #timesOf(fold: RunFold, at: number): Times {
    const known = this.#runs.get(fold);
    if (known !== undefined) return known;
    const times = { deadlines: new Map(deadlinesOf(fold, at)), starts: [] };
    this.#runs.set(fold, times);
    return times;
  }

  #sawRun(fold: RunFold, { deadlines, starts }: Times, { at, body: { from, to } }: Seen<"run_state">): void {
    const deadline = deadlines.get(OF_RUN);
    if (to === "running") starts.push(at);
    if (to === "queued" && from === "running") starts.push(Number.POSITIVE_INFINITY);
    // A person may say of a run that has ended that it is a success.
    if (deadline === undefined || from === null || (isRunFinished(from) && isRunFinished(to))) return;
    if (isRunFinished(to)) this.#judgeEnd(fold.id, deadline, { at, dueAt: deadline.since + deadline.allowedMs });
    else if (isRunFinished(from)) renew(deadline, at);
  }

  #sawTask(fold: RunFold, { deadlines, starts }: Times, { at, body }: Seen<"task_state">): void {
    const deadline = deadlines.get(body.taskIndex);
    if (deadline === undefined) return;
    const { from, to, actor } = body;
    if (to === "scheduled" && actor !== undefined) renew(deadline, at);
    if (!isFinished(to) || isFinished(from)) return;
    const start = Math.max(starts.at(-1) ?? Number.POSITIVE_INFINITY, deadline.since);
    this.#judgeEnd(`${fold.id} ${nameIn(fold, body.taskIndex)}`, deadline, { at, dueAt: start + deadline.allowedMs });
  }

  #judgeEnd(name: string, { wasTold }: Deadline, { at, dueAt }: { readonly at: number; readonly dueAt: number }): void {
    this.#findings.expect(
      wasTold || at <= Math.max(dueAt, this.#healedAt) + this.#slackMs,
      "deadline",
      () => `${name} ends at ${at}, was to end by ${dueAt}, and nobody was told that it is late`,
    );
  }

  #sawMiss(fold: RunFold, { deadlines, starts }: Times, { at, body }: Seen<"deadline_missed">): void {
    const { taskIndex = OF_RUN, dueAt } = body;
    const deadline = deadlines.get(taskIndex);
    const name = `${fold.id} ${nameIn(fold, taskIndex)}`;
    this.#findings.expect(deadline?.wasTold === false, "deadline", () => `${name} is told to be late once more`);
    if (deadline === undefined) return;
    deadline.wasTold = true;
    this.#probes.reached(taskIndex === OF_RUN ? "run is late" : "task is late");
    const state = fold.tasks.get(nameOf({ taskIndex, mapKey: "" }))?.state ?? fold.state;
    const isOver =
      (fold.state !== null && isRunFinished(fold.state)) || (taskIndex !== OF_RUN && hasEnded(fold, taskIndex));
    this.#findings.expect(!isOver, "deadline", () => `${name} is told to be late, but is ${state}`);
    const from = taskIndex === OF_RUN ? [deadline.since] : starts.map((start) => Math.max(start, deadline.since));
    const moments = from.map((start) => start + deadline.allowedMs);
    this.#findings.expect(
      moments.includes(dueAt) && dueAt <= at,
      "deadline",
      () => `${name} is told at ${at} to be late since ${dueAt}, but was to end by ${moments.join(" or ")}`,
    );
  }
}

const OF_RUN = -1;

function* deadlinesOf({ spec, tasks }: RunFold, since: number): Iterable<readonly [number, Deadline]> {
  const [ofRun] = spec.deadlines ?? [];
  if (ofRun?.kind === "within") yield [OF_RUN, { allowedMs: ofRun.ms, since, wasTold: false }];
  for (const { spec: task, taskIndex } of tasks.values()) {
    const [deadline] = task.deadlines ?? [];
    if (deadline?.kind === "within") yield [taskIndex, { allowedMs: deadline.ms, since, wasTold: false }];
  }
}

function renew(deadline: Deadline, at: number): void {
  deadline.since = at;
  deadline.wasTold = false;
}

function hasEnded(fold: RunFold, taskIndex: number): boolean {
  const task = fold.tasks.get(nameOf({ taskIndex, mapKey: "" }));
  return task !== undefined && isFinished(task.state);
}

function nameIn({ spec }: RunFold, taskIndex: number): string {
  return spec.tasks[taskIndex]?.name ?? "as a whole";
}
