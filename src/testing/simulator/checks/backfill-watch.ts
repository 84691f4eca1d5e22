import type { Reprocess } from "../../../core/backfill/decide-interval.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Commit } from "./commit.ts";

/** Judges after each commit what backfills have made, and whether those that are done have come to their end. */
export class BackfillWatch {
  readonly #db: SqliteConnection;
  readonly #findings: Findings;

  constructor(db: SqliteConnection, findings: Findings) {
    this.#db = db;
    this.#findings = findings;
  }

  look({ runMoves }: Commit): void {
    for (const { event, runKey, fold } of runMoves) {
      if (event.from === null && fold.asked.backfill !== null) this.#judgeNew(runKey, fold.id);
    }
    const early = this.#db.get<{ id: string }>(SELECT_EARLY);
    this.#findings.expect(early === undefined, "BF-5", () => `${early?.id} is under way, and its backfill is done`);
  }

  /** BF-2: what has succeeded, or is in flight, is left as it is, whatever has triggered it. */
  #judgeNew(runKey: number, id: string): void {
    const reprocess = this.#db.get<{ reprocess: Reprocess }>(SELECT_REPROCESS, runKey)?.reprocess;
    const before = this.#db.get<{ id: string; state: string }>(SELECT_BEFORE, runKey);
    if (before === undefined) return;
    const isWanted = before.state === "success" ? reprocess === "all" : reprocess !== "missing";
    const isOver = ["success", "failed", "cancelled"].includes(before.state);
    this.#findings.expect(
      isWanted && isOver,
      "BF-2",
      () => `${id} (${reprocess}) works on the interval of ${before.id}, which is ${before.state}`,
    );
  }
}

const SELECT_EARLY = `
  select run.id from backfill join run on run.made_by_backfill = backfill.key
  where backfill.state in ('done', 'cancelled') and run.finished_at is null limit 1`;

const SELECT_REPROCESS = `
  select json_extract(backfill.request, '$.reprocess') as reprocess
  from run join backfill on backfill.key = run.backfill_key where run.key = ?`;

/** The newest run before it of the same interval. */
const SELECT_BEFORE = `
  select earlier.id, earlier.state
  from run_request as own
    join run_request as other on other.project = own.project and other.pipeline = own.pipeline
      and other.schedule = own.schedule and other.interval_end = own.interval_end
      and other.interval_start = own.interval_start and other.run_key < own.run_key
    join run as earlier on earlier.key = other.run_key
  where own.run_key = ? order by earlier.key desc limit 1`;
