import { isFinished, isRunFinished } from "../../../core/state.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { Findings } from "../findings.ts";
import type { RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

type TaskEvent = Extract<EventBody, { kind: "task_state" }>;
type RunEvent = Extract<EventBody, { kind: "run_state" }>;

/** What tear-downs may take when the pipeline does not say (RS-7). */
const CLEANUP_MS = 600_000;

/**
 * Ends by rule: none before its time, none long after it once all is well, and none without a cause. Times are those of
 * the events, by the clock of the database.
 */
export class DeadlineWatch {
  readonly #findings: Findings;
  readonly #slackMs: number;
  readonly #runs = new Map<RunFold, RunTimes>();
  #healedAt = Number.POSITIVE_INFINITY;

  /** @param slackMs once all is well whatever is due has happened this long after */
  constructor(findings: Findings, slackMs: number) {
    this.#findings = findings;
    this.#slackMs = slackMs;
  }

  healed(at: number): void {
    this.#healedAt = at;
  }

  saw(fold: RunFold, at: number, body: EventBody): void {
    const times = this.#timesOf(fold);
    if (body.kind === "run_state") this.#sawRun(fold, times, { at, body });
    if (body.kind === "task_state") this.#sawTask(fold, times, { at, body });
    if (body.kind === "dead_letter" && body.state === "open" && body.assignedTo === undefined) {
      times.letters.add(nameOf(body));
    }
    if (body.kind !== "mapped" || body.begin !== "queued") return;
    for (let item = body.from; item < body.to; item++) {
      const { taskIndex, mapKey } = body;
      const path = mapKey === "" ? String(item) : `${mapKey}.${item}`;
      times.ready.set(nameOf({ taskIndex, mapKey: path }), { generation: 1, at });
    }
  }

  /** RS-5: with the first final failure the run stops, in the same transaction, and for no other. */
  committed(): void {
    for (const [fold, times] of this.#runs) {
      const decisive = [...times.failures].filter((name) => times.letters.has(name));
      this.#findings.expect(
        !times.stopsForFailure || (fold.spec.failFast === true && decisive.length > 0),
        "RS-5",
        () => `${fold.id} stops as if something had failed for good`,
      );
      this.#findings.expect(
        fold.spec.failFast === undefined || decisive.length === 0 || fold.state !== "running",
        "RS-5",
        () => `${fold.id} goes on though ${fold.tasks.get(decisive[0] ?? "")?.spec.name} has failed`,
      );
      times.failures.clear();
      times.letters.clear();
      times.stopsForFailure = false;
    }
  }

  #timesOf(fold: RunFold): RunTimes {
    const known = this.#runs.get(fold);
    if (known !== undefined) return known;
    const times: RunTimes = { ready: new Map(), failures: new Set(), letters: new Set(), stopsForFailure: false };
    this.#runs.set(fold, times);
    return times;
  }

  /** RS-4, RS-7. */
  #sawRun(fold: RunFold, times: RunTimes, { at, body }: Seen<RunEvent>): void {
    const { from, to, reason } = body;
    const { runTimeoutMs, cleanupTimeoutMs = CLEANUP_MS } = fold.spec;
    if (to === "running") times.startedAt ??= at;
    const dueAt = (times.startedAt ?? Number.NaN) + (runTimeoutMs ?? Number.NaN);
    if (from === "running" && reason === "timeout") this.#notBefore(fold, { at, dueAt, rule: "RS-4", what: "the run" });
    if (from === "running") this.#notLate(fold, { at, dueAt, rule: "RS-4", what: "the run" });
    if (from === "running" && reason === "fail_fast") times.stopsForFailure = true;
    if (from === "cancelling") {
      const stopped = { at, dueAt: (times.stoppedAt ?? Number.NaN) + cleanupTimeoutMs };
      this.#notLate(fold, { ...stopped, rule: "RS-7", what: "the clean-up" });
    }
    if (to === "cancelling") times.stoppedAt = at;
    if (isRunFinished(to)) times.startedAt = undefined;
  }

  #sawTask(fold: RunFold, times: RunTimes, { at, body }: Seen<TaskEvent>): void {
    const { from, to, reason, actor, generation } = body;
    const name = nameOf(body);
    const spec = fold.spec.tasks[body.taskIndex];
    if (spec === undefined) return;
    if (to === "failed" && actor === undefined) times.failures.add(name);
    if (to === "scheduled") times.ready.delete(name);
    if (to === "queued" && times.ready.get(name)?.generation !== generation) times.ready.set(name, { generation, at });
    // What a tear-down takes away is taken away in any case, but for a person, or when its time is over.
    if (spec.role === "teardown" && to === "cancelled" && actor === undefined && reason !== "stalled") {
      const dueAt = (times.stoppedAt ?? Number.NaN) + (fold.spec.cleanupTimeoutMs ?? CLEANUP_MS);
      this.#notBefore(fold, { at, dueAt, rule: "RS-7", what: spec.name });
    }
    const ready = times.ready.get(name);
    if (spec.totalTimeoutMs === undefined || ready?.generation !== generation) return;
    const total = { at, dueAt: ready.at + spec.totalTimeoutMs, rule: "RT-4", what: spec.name };
    if (to === "failed" && reason === "timeout" && from !== "running" && actor === undefined)
      this.#notBefore(fold, total);
    if (!isFinished(from) && fold.state === "running") this.#notLate(fold, total);
  }

  #notBefore(fold: RunFold, { at, dueAt, rule, what }: Due): void {
    this.#findings.expect(at >= dueAt, rule, () => `${fold.id}: ${what} is ended ${dueAt - at} ms before its time`);
  }

  /** Whatever happens to it then, it comes too late. */
  #notLate(fold: RunFold, { at, dueAt, rule, what }: Due): void {
    const latest = Math.max(dueAt, this.#healedAt) + this.#slackMs;
    const isLate = !Number.isNaN(latest) && at > latest;
    this.#findings.expect(!isLate, rule, () => `${fold.id}: ${what} goes on ${at - dueAt} ms after its time`);
  }
}

interface RunTimes {
  startedAt?: number | undefined;
  stoppedAt?: number;
  /** When the present generation of a task run was ready, and has not been taken back since. */
  readonly ready: Map<string, { readonly generation: number; readonly at: number }>;
  /** Task runs that have failed by themselves in this transaction … */
  readonly failures: Set<string>;
  /** … and those of which dead letters were opened. */
  readonly letters: Set<string>;
  stopsForFailure: boolean;
}

interface Seen<Body> {
  readonly at: number;
  readonly body: Body;
}

interface Due {
  readonly at: number;
  /** NaN = never. */
  readonly dueAt: number;
  readonly rule: string;
  readonly what: string;
}
