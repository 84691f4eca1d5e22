import type { Commit, TaskMove } from "./commit.ts";
import type { LimitWatchParts } from "./limit-watch.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";

/** A task run, its run, and the attempt that it is at. */
interface Place {
  readonly fold: RunFold;
  readonly task: FoldedTask;
}

type KeyWatchParts = Pick<LimitWatchParts, "db" | "findings" | "probes">;

/**
 * CC-1: what finds its key taken is skipped, or has the one stopped that has held it longest, only where its task says
 * so, and only while the key is taken.
 */
export class KeyWatch {
  readonly #parts: KeyWatchParts;
  /** When the attempt began that runs now. */
  readonly #began = new Map<FoldedTask, number>();
  /** Attempts that were stopped for another, by run, task and token. */
  readonly #stopped = new Set<string>();

  constructor(parts: KeyWatchParts) {
    this.#parts = parts;
  }

  look(commit: Commit): void {
    for (const { at, task, event } of commit.taskMoves) if (event.to === "running") this.#began.set(task, at);
    for (const move of commit.taskMoves) this.#judgeMove(move, commit);
    this.#judgeStops(commit);
  }

  #judgeMove({ fold, task, event }: TaskMove, { folds }: Commit): void {
    const { findings, probes } = this.#parts;
    const { name, keyed } = task.spec;
    if (event.reason === "key_taken") {
      const { running } = holders(fold, task, folds);
      probes.reached("skipped for its key");
      findings.expect(
        keyed?.overflow === "skip" && event.to === "skipped" && running.length >= keyed.limit,
        "CC-1",
        () => `${fold.id}: ${name} is skipped for its key, which ${running.length} hold`,
      );
    }
    if (event.from !== "running" || event.to !== "cancelled" || keyed?.overflow !== "cancel_oldest") return;
    const isExplained =
      event.actor !== undefined || fold.stopped !== undefined || this.#stopped.has(attemptOf({ fold, task }));
    const isOfGroup = fold.spec.groups?.some(({ retries }) => retries !== undefined) === true;
    findings.expect(
      isExplained || isOfGroup,
      "CC-1",
      () => `${fold.id}: ${name} is cancelled, and nobody asked for it`,
    );
  }

  #judgeStops({ folds }: Commit): void {
    for (const { runKey, taskIndex, mapKey } of this.#parts.db.all<StopOnDisk>(SELECT_STOPS)) {
      const fold = folds.get(runKey);
      const task = fold?.tasks.get(`${taskIndex}/${mapKey}`);
      if (fold === undefined || task === undefined || this.#stopped.has(attemptOf({ fold, task }))) continue;
      this.#stopped.add(attemptOf({ fold, task }));
      this.#judgeStop({ fold, task }, folds);
    }
  }

  /** As many are stopped as wait, those that have held it longest. */
  #judgeStop({ fold, task }: Place, folds: ReadonlyMap<number, RunFold>): void {
    const { keyed, name } = task.spec;
    const { running, waiting } = holders(fold, task, folds);
    const beganAt = (held: FoldedTask): number => this.#began.get(held) ?? 0;
    const older = running.filter((held) => beganAt(held) < beganAt(task));
    this.#parts.probes.reached("stopped for its key");
    this.#parts.findings.expect(
      keyed?.overflow === "cancel_oldest" && running.length >= keyed.limit && older.length < waiting.length,
      "CC-1",
      () =>
        `${fold.id}: ${name} is stopped for its key, which ${running.length} hold, ${older.length} of them longer, and ${waiting.length} wait for`,
    );
  }
}

/** Those of one task and one customer. */
function holders(of: RunFold, { spec }: FoldedTask, folds: ReadonlyMap<number, RunFold>) {
  const tasks = [...folds.values()]
    .filter(({ asked, spec: pipeline }) => pipeline === of.spec && asked.customer === of.asked.customer)
    .flatMap((fold) => [...fold.tasks.values()])
    .filter((task) => task.spec === spec);
  return {
    running: tasks.filter(({ state }) => state === "running"),
    waiting: tasks.filter(({ state }) => state === "queued"),
  };
}

function attemptOf({ fold, task }: Place): string {
  return `${fold.id} ${task.taskIndex}/${task.mapKey} ${task.token}`;
}

interface StopOnDisk {
  readonly runKey: number;
  readonly taskIndex: number;
  readonly mapKey: string;
}

const SELECT_STOPS = `
  select task_run.run_key as runKey, task_index as taskIndex, map_key as mapKey
  from lease cross join task_run on task_run.key = lease.task_run_key
  where stop is not null and json_extract(stop, '$.message') like '%same key%'`;
