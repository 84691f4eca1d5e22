import type { ReadAhead } from "../read-ahead.ts";
import type { LeaseRow, RunRow, TaskRunRow } from "../rows.ts";
import type { PostgresConnection } from "./connection.ts";
import { selectLeases } from "./lease-rows.ts";
import { lockRunsOf } from "./run-rows.ts";
import { selectTaskRuns } from "./task-run-rows.ts";

/**
 * Questions that have travelled with the beginning of a transaction, and wait for being asked: each answers the first
 * question of its kind, if it is that one, and no later one, since the transaction may have written meanwhile.
 */
export class SentAhead {
  readonly #ended: readonly number[];
  readonly #taskRunKeys: ReadonlySet<number>;
  #runs: Promise<readonly RunRow[]> | undefined;
  #taskRuns: Promise<readonly TaskRunRow[]> | undefined;
  #leases: Promise<readonly LeaseRow[]> | undefined;

  /** `lockClass`: of the locks of runs. */
  constructor(db: PostgresConnection, lockClass: number, { ended, taskRuns }: ReadAhead) {
    this.#ended = ended;
    this.#taskRunKeys = new Set(taskRuns);
    this.#runs = lockRunsOf(db, lockClass, ended);
    this.#taskRuns = selectTaskRuns(db, taskRuns);
    this.#leases = selectLeases(db, ended);
    // Whoever asks hears of a failure; until then it must not count as unhandled.
    for (const answer of [this.#runs, this.#taskRuns, this.#leases]) answer.catch(() => {});
  }

  /** Undefined: ask now. */
  lockedRunsOf(keys: readonly number[]): Promise<readonly RunRow[]> | undefined {
    const answer = this.#areEnded(keys) ? this.#runs : undefined;
    this.#runs = undefined;
    return answer;
  }

  leases(keys: readonly number[]): Promise<readonly LeaseRow[]> | undefined {
    const answer = this.#areEnded(keys) ? this.#leases : undefined;
    this.#leases = undefined;
    return answer;
  }

  taskRuns(keys: readonly number[]): Promise<readonly TaskRunRow[]> | undefined {
    const answer = keys.every((key) => this.#taskRunKeys.has(key)) ? this.#taskRuns : undefined;
    this.#taskRuns = undefined;
    if (answer === undefined || keys.length === this.#taskRunKeys.size) return answer;
    const wanted = new Set(keys);
    return answer.then((rows) => rows.filter(({ key }) => wanted.has(key)));
  }

  #areEnded(keys: readonly number[]): boolean {
    return keys.length === this.#ended.length && keys.every((key, place) => key === this.#ended[place]);
  }
}
