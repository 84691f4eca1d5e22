import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Commit } from "./commit.ts";
import { nameOf } from "./task-run-name.ts";

interface Asked {
  readonly runKey: number;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly token: number;
}

/** B26: whoever wants an attempt to stop wants none after it: it ends, by that or by itself, and is not tried again. */
export class StopWatch {
  readonly #db: SqliteConnection;
  readonly #findings: Findings;
  #asked: ReadonlySet<string> = new Set();

  constructor(db: SqliteConnection, findings: Findings) {
    this.#db = db;
    this.#findings = findings;
  }

  look({ taskMoves }: Commit): void {
    for (const { runKey, fold, task, event } of taskMoves) {
      const isRetried = event.from === "running" && event.to === "retrying";
      this.#findings.expect(
        !isRetried || !this.#asked.has(attemptOf({ runKey, ...event })),
        "I30",
        () => `${fold.id}: ${task.spec.name}[${event.mapKey}] is tried again though it was asked to stop`,
      );
    }
    this.#asked = new Set(this.#db.all<Asked>(SELECT_ASKED).map(attemptOf));
  }
}

function attemptOf({ runKey, token, ...place }: Asked): string {
  return `${runKey}/${nameOf(place)}/${token}`;
}

const SELECT_ASKED = `
  select task_run.run_key as runKey, task_run.task_index as taskIndex, task_run.map_key as mapKey, lease.token
  from lease join task_run on task_run.key = lease.task_run_key where lease.stop is not null`;
