import { isRunFinished } from "../../../core/state.ts";
import type { EventBody } from "../../../store/event-body.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import { type Probes, probe } from "../probes.ts";
import type { RunFold } from "./run-fold.ts";
import { nameOf } from "./task-run-name.ts";

type TaskEvent = Extract<EventBody, { kind: "task_state" }>;
type RunEvent = Extract<EventBody, { kind: "run_state" }>;

export interface ChildWatchParts {
  readonly db: SqliteConnection;
  readonly findings: Findings;
  readonly probes: Probes;
  /** Once all is well whatever is due has happened this long after. */
  readonly slackMs: number;
}

/**
 * Runs that tasks of others have started: each attempt starts one at most, a wait ends as its run ended, and a run for
 * which nobody waits any more is told to end.
 */
export class ChildWatch {
  readonly #parts: ChildWatchParts;
  readonly #children = new Map<string, Child>();
  /** Runs of which an attempt said in this transaction that it has started them. */
  #called: string[] = [];
  #born: RunFold[] = [];
  #healedAt = Number.POSITIVE_INFINITY;

  constructor(parts: ChildWatchParts) {
    this.#parts = parts;
  }

  healed(at: number): void {
    this.#healedAt = at;
  }

  saw(fold: RunFold, at: number, body: EventBody): void {
    if (body.kind === "run_state") this.#sawRun(fold, at, body);
    if (body.kind === "task_state" && fold.spec.tasks[body.taskIndex]?.execution.via === "pipeline") {
      this.#sawCaller(fold, at, body);
    }
  }

  /** One run for each attempt that says so, in the same transaction, and none besides. */
  committed(): void {
    const { db, findings } = this.#parts;
    for (const id of this.#called) {
      const isThere = this.#born.some((fold) => fold.id === id);
      findings.expect(isThere, "I34", () => `an attempt has started run ${id}, which is not there`);
    }
    for (const { id } of this.#born) {
      const callers = db.get<{ count: number }>(COUNT_CALLERS, id)?.count ?? 0;
      const isCalled = this.#called.includes(id) && callers === 1;
      findings.expect(isCalled, "B07", () => `run ${id} was started by ${callers} attempts that stand`);
    }
    this.#called = [];
    this.#born = [];
  }

  /** In the end nobody waits for what has ended. */
  lookAtAll(): void {
    for (const [id, { waiter, state }] of this.#children) {
      const isWaiting = waiter?.fold.tasks.get(waiter.name)?.state === "deferred";
      this.#parts.findings.expect(
        !isWaiting,
        "I41",
        () => `${waiter?.fold.id} still waits for ${id}, which is ${state}`,
      );
    }
  }

  #sawRun(fold: RunFold, at: number, { from, to, actor }: RunEvent): void {
    if (from === null) {
      if (actor?.startsWith("run ") !== true) return;
      this.#born.push(fold);
      const known = this.#children.get(fold.id);
      this.#children.set(fold.id, { waiter: known?.waiter, state: to, abandonedAt: undefined });
      return;
    }
    const child = this.#children.get(fold.id);
    if (child === undefined) return;
    if (isRunFinished(to)) this.#judgeEnd(fold, at, child);
    // A person may run it again, for its own sake.
    if (isRunFinished(from)) child.abandonedAt = undefined;
    child.state = to;
  }

  /** I30: once nobody waits for it, it ends because it was told to. */
  #judgeEnd(fold: RunFold, at: number, { abandonedAt }: Child): void {
    if (abandonedAt === undefined) return;
    const isTold = fold.stopped !== undefined || fold.wasEndedByHand;
    const isSoon = at <= Math.max(abandonedAt, this.#healedAt) + this.#parts.slackMs;
    if (isTold) this.#parts.probes.reached("child cancelled with its parent");
    this.#parts.findings.expect(
      isTold || isSoon,
      "I30",
      () => `${fold.id} went on after nobody waited for it any more`,
    );
  }

  #sawCaller(fold: RunFold, at: number, body: TaskEvent): void {
    const { from, to, reason } = body;
    const id = reason?.startsWith("child: ") === true ? reason.slice("child: ".length) : undefined;
    if (from === "running" && id !== undefined) {
      this.#called.push(id);
      this.#parts.probes.reached(probe(`child started, then ${to}`));
      const known = this.#children.get(id);
      const waiter = to === "deferred" ? { fold, name: nameOf(body) } : undefined;
      this.#children.set(id, { waiter, state: known?.state ?? "queued", abandonedAt: undefined });
    }
    if (from === "deferred") this.#judgeWait(fold, at, body);
  }

  #judgeWait(fold: RunFold, at: number, { taskIndex, mapKey, to, reason, actor }: TaskEvent): void {
    const name = nameOf({ taskIndex, mapKey });
    const waits = [...this.#children].filter(([, { waiter }]) => waiter?.fold === fold && waiter.name === name);
    for (const [id, child] of waits) {
      child.waiter = undefined;
      const { state } = child;
      if (!isEnded(state)) child.abandonedAt = at;
      if (actor !== undefined) continue;
      this.#parts.probes.reached(probe(`wait for a child: ${to}`));
      const wanted = to === "success" ? "success" : WANTED[reason ?? ""];
      this.#parts.findings.expect(
        wanted === undefined || wanted === state,
        "I13",
        () => `${fold.id}: the wait for ${id} ends as ${to} (${reason}), but that run is ${state}`,
      );
    }
  }
}

/** What a run must have become for its caller to say so. */
const WANTED: Readonly<Record<string, string>> = { child_failed: "failed" };

function isEnded(state: string): boolean {
  return ["success", "failed", "cancelled"].includes(state);
}

interface Child {
  /** The task run that waits for it. */
  waiter: { readonly fold: RunFold; readonly name: string } | undefined;
  state: string;
  abandonedAt: number | undefined;
}

const COUNT_CALLERS = `
  select count(*) as count from run child join child_run on child_run.child_key = child.key where child.id = ?`;
