import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import { type Probes, probe } from "../probes.ts";
import type { Commit, TaskMove } from "./commit.ts";

interface WatchOnDisk {
  readonly key: number;
  readonly generation: number;
  readonly begunAt: number;
  readonly token: number;
  readonly deadline: number | null;
}

/**
 * Waits of sensors: a deadline, once it is fixed, stays as it is for as long as the wait lasts (I29), no wait ends by it
 * before it has come, none goes on long after it once all is well, and its number only grows (I02).
 */
export class SensorWatch {
  readonly #db: SqliteConnection;
  readonly #findings: Findings;
  readonly #probes: Probes;
  readonly #slackMs: number;
  #watches = new Map<number, WatchOnDisk>();
  #healedAt = Number.POSITIVE_INFINITY;

  /** @param slackMs once all is well whatever is due has happened this long after */
  constructor(
    parts: { readonly db: SqliteConnection; readonly findings: Findings; readonly probes: Probes },
    slackMs: number,
  ) {
    this.#db = parts.db;
    this.#findings = parts.findings;
    this.#probes = parts.probes;
    this.#slackMs = slackMs;
  }

  healed(at: number): void {
    this.#healedAt = at;
  }

  look({ taskMoves }: Commit): void {
    const before = this.#watches;
    const now = new Map(this.#db.all<WatchOnDisk>(SELECT).map((watch) => [watch.key, watch]));
    for (const watch of now.values()) this.#judgeWait(watch, before.get(watch.key));
    for (const move of taskMoves) this.#judgeEnd(move, before);
    this.#watches = now;
  }

  #judgeWait(watch: WatchOnDisk, before: WatchOnDisk | undefined): void {
    if (before === undefined) return;
    this.#findings.expect(
      watch.token >= before.token,
      "I02",
      () => `the poll of ${watch.key} goes back to ${watch.token}`,
    );
    if (before.generation !== watch.generation || before.begunAt !== watch.begunAt || before.deadline === null) return;
    this.#findings.expect(
      watch.deadline === before.deadline,
      "I29",
      () => `the deadline of ${watch.key} moves from ${before.deadline} to ${watch.deadline}`,
    );
  }

  #judgeEnd({ at, fold, task, event }: TaskMove, before: ReadonlyMap<number, WatchOnDisk>): void {
    if (event.from !== "deferred" || task.spec.execution.via !== "sensor") return;
    const isTimeout = event.reason === "sensor_timeout" || (event.reason === "timeout" && event.to === "failed");
    if (event.actor === undefined) this.#probes.reached(probe(`sensor: ${isTimeout ? "timeout" : event.to}`));
    const deadline = before.get(this.#keyOf(fold.id, event.taskIndex, event.mapKey))?.deadline ?? undefined;
    const said = (): string => `${fold.id} ${task.spec.name}: ${event.to} at ${at}, its deadline is ${deadline}`;
    // A poll that never answers fails its sensor with the same reason.
    const isByDeadline = isTimeout && event.message?.startsWith("What it waits for") !== false;
    if (isByDeadline && event.actor === undefined)
      this.#findings.expect(deadline !== undefined && at >= deadline, "I29", said);
    const latest = Math.max(deadline ?? Number.POSITIVE_INFINITY, this.#healedAt) + this.#slackMs;
    this.#findings.expect(at <= latest, "B39", said);
  }

  #keyOf(run: string, taskIndex: number, mapKey: string): number {
    return this.#db.get<{ key: number }>(SELECT_KEY, run, taskIndex, mapKey)?.key ?? 0;
  }
}

const SELECT = `
  select task_run_key as key, generation, begun_at as begunAt, token, deadline from watch`;

const SELECT_KEY = `
  select task_run.key from task_run join run on run.key = task_run.run_key
  where run.id = ? and task_index = ? and map_key = ?`;
