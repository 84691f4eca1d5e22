import type { EventBody } from "../../../store/event-body.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { RunFold } from "./run-fold.ts";

/** RS-6: so many failures in a row pause a pipeline, in the transaction of the last one; what is paused begins nothing. */
export class PauseWatch {
  readonly #db: SqliteConnection;
  readonly #findings: Findings;
  #paused: ReadonlySet<string> = new Set();
  /** The newest first, by pipeline. */
  readonly #runs = new Map<string, readonly RunFold[]>();
  #begun: { readonly pipeline: string; readonly what: string }[] = [];
  #started: RunFold[] = [];
  #failed: RunFold[] = [];
  #isByHand = false;

  constructor(db: SqliteConnection, findings: Findings) {
    this.#db = db;
    this.#findings = findings;
  }

  saw(fold: RunFold, body: EventBody): void {
    const pipeline = fold.spec.name;
    if ("actor" in body && body.actor !== undefined) this.#isByHand = true;
    if (body.kind === "task_state" && body.to === "running") {
      this.#begun.push({ pipeline, what: `${fold.id} ${fold.spec.tasks[body.taskIndex]?.name}` });
    }
    if (body.kind !== "run_state") return;
    const { to } = body;
    if (to === "running" && body.from === "queued") this.#started.push(fold);
    if (body.from === null) this.#runs.set(pipeline, [fold, ...(this.#runs.get(pipeline) ?? [])]);
    if (to === "failed") this.#failed.push(fold);
  }

  committed(): void {
    const rows = this.#db.all<{ pipeline: string }>("select pipeline from pipeline_state where paused_at is not null");
    const paused = new Set(rows.map(({ pipeline }) => pipeline));
    // What is ended by hand while it waits passes through its beginning.
    const started = this.#started.filter(({ state }) => state === "running");
    const begun = [...this.#begun, ...started.map(({ id, spec }) => ({ pipeline: spec.name, what: id }))];
    for (const { pipeline, what } of begun) {
      const isHeld = this.#paused.has(pipeline) && paused.has(pipeline);
      this.#findings.expect(!isHeld, "RS-6", () => `${what} begins though ${pipeline} is paused`);
    }
    if (!this.#isByHand) for (const fold of this.#failed) this.#judgeSeries(fold, paused);
    this.#paused = paused;
    this.#begun = [];
    this.#started = [];
    this.#failed = [];
    this.#isByHand = false;
  }

  #judgeSeries({ id, spec }: RunFold, paused: ReadonlySet<string>): void {
    const limit = spec.pauseAfterFailures ?? Number.POSITIVE_INFINITY;
    const ended = (this.#runs.get(spec.name) ?? []).filter(({ state }) => state === "success" || state === "failed");
    // One that was run again long after others have ended is as old as it was.
    const series = ended.slice(0, limit);
    const isDue = series.length === limit && series.every(({ state }) => state === "failed");
    this.#findings.expect(!isDue || paused.has(spec.name), "RS-6", () => `${spec.name} goes on after ${id} has failed`);
  }
}
