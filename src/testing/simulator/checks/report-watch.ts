import type { AttemptOrder, AttemptReport } from "../../../execution/executor.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { Life } from "../cluster/life.ts";
import type { TaskProcess } from "../cluster/task-process.ts";
import type { Findings } from "../findings.ts";
import type { RunFold } from "./run-fold.ts";

/** Reports after which an attempt may end in a state; what the engine makes up by itself is a loss alone. */
const REPORTED: Readonly<Record<string, readonly string[]>> = {
  success: ["success"],
  skipped: ["skipped"],
  failed: ["failed"],
  retrying: ["failed"],
};

/**
 * Compares what processes did with what became of it: no state may be made up, no value may come from an attempt that
 * was not accepted, and no two processes may work on one task run at the same time.
 */
export class ReportWatch {
  readonly #findings: Findings;
  readonly #leaseMs: number;
  /** Virtual time. */
  readonly #now: () => number;
  readonly #reports = new Map<string, string>();
  /** Attempts whose success was accepted, by task and token. */
  readonly #accepted = new Set<string>();
  readonly #disowned = new Set<string>();
  readonly #working = new Map<number, readonly Work[]>();

  constructor(findings: Findings, leaseMs: number, now: () => number) {
    this.#findings = findings;
    this.#leaseMs = leaseMs;
    this.#now = now;
  }

  reported(order: AttemptOrder, { result }: AttemptReport): void {
    this.#reports.set(nameOf(order), result.kind);
  }

  committed(fold: RunFold, body: EventBody): void {
    if (body.kind !== "task_state" || body.from !== "running") return;
    const task = fold.spec.tasks[body.taskIndex]?.name ?? "";
    const name = attemptName(fold.id, task, body.mapKey, body.token);
    if (body.to === "success") this.#accepted.add(name);
    // Its lease was taken by hand: its process is told a poll later.
    if (body.actor !== undefined) this.#disowned.add(name);
    // The time of all its attempts is over, whatever this one says (RT-4).
    const isOver = body.reason === "timeout" && fold.spec.tasks[body.taskIndex]?.totalTimeoutMs !== undefined;
    // Its result was known already.
    const isKnown = body.reason?.startsWith("cache: ") === true;
    // Nothing runs for one that starts a run of another pipeline.
    const isCall = fold.spec.tasks[body.taskIndex]?.execution.via === "pipeline";
    const isMade = body.reason === "lost" || body.actor !== undefined || isOver || isCall || isKnown;
    const wanted = isMade ? undefined : REPORTED[body.to];
    const report = this.#reports.get(name);
    this.#findings.expect(
      wanted === undefined || wanted.includes(report ?? "nothing"),
      "B06",
      () =>
        `${name} became ${body.to} (${body.reason ?? "no reason"}), but its process reported ${report ?? "nothing"}`,
    );
  }

  /** I06, I16. */
  started(process: TaskProcess, life: Life): void {
    this.#judgeInputs(process.order);
    const { taskRunKey } = process.order;
    const others = (this.#working.get(taskRunKey) ?? []).filter((work) => work.process.isAlive);
    for (const other of others) {
      // Behind the back of an engine that is paused or dead another may take over: the token is for that. But so soon
      // after its death only its own machine can know of it, and ends what it has left behind first.
      // What was taken by hand just after its claim may even begin after the next attempt: it is told a poll later.
      const isExcused =
        [other.process, process].some(({ order }) => this.#disowned.has(nameOf(order))) ||
        other.life.wasPaused ||
        this.#now() - other.life.diedAt > this.#leaseMs / 2;
      this.#findings.expect(
        isExcused,
        "I06",
        () => `${process.name} starts on task run ${taskRunKey} while ${other.process.name} still runs there`,
      );
    }
    this.#working.set(taskRunKey, [...others, { process, life }]);
  }

  /** Every value names the attempt that made it. */
  #judgeInputs({ input, runId, task }: AttemptOrder): void {
    for (const { value } of Object.values(input)) {
      if (value?.kind !== "inline") continue;
      const made: Made | Partial<Record<keyof Made, undefined>> | boolean | null = JSON.parse(value.json);
      // Decisions, lists and the names of runs do not say who made them.
      if (made === null || typeof made === "boolean" || made.task === undefined) continue;
      const name = attemptName(made.runId, made.task, made.mapKey, made.token);
      this.#findings.expect(
        this.#accepted.has(name),
        "I16",
        () => `${runId} ${task.name} was given the value of ${name}, which was not accepted`,
      );
    }
  }
}

interface Work {
  readonly process: TaskProcess;
  readonly life: Life;
}

interface Made {
  readonly runId: string;
  readonly task: string;
  readonly mapKey: string;
  readonly token: number;
}

function nameOf({ runId, task, mapKey, token }: AttemptOrder): string {
  return attemptName(runId, task.name, mapKey, token);
}

function attemptName(runId: string, task: string, mapKey: string, token: number): string {
  return `${runId} ${task}[${mapKey}] token ${token}`;
}
