import type { PipelineSpec } from "../../../core/manifest.ts";
import type { EventBody } from "../../../store/event-body.ts";
import { NO_RUN } from "../../../store/records.ts";
import { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { World } from "../world/world.ts";
import { readAskedRun } from "./asked-run.ts";
import { type Commit, movesOf, type ToldEvent } from "./commit.ts";
import { RunFold } from "./run-fold.ts";
import { checkRunRows } from "./run-rows.ts";

interface EventOnDisk {
  readonly seq: number;
  readonly at: number;
  readonly runKey: number;
  readonly body: string;
}

/** A connection that says when something was committed. */
export class WatchedConnection extends SqliteConnection {
  onCommit: () => void = () => {};

  override run(sql: string, ...values: Parameters<SqliteConnection["run"]> extends [string, ...infer V] ? V : never) {
    const changes = super.run(sql, ...values);
    if (sql === "commit") this.onCommit();
    return changes;
  }
}

/** Looks at the database after every commit: folds the new events and checks the rows of the runs they belong to. */
export class CommitWatch {
  readonly #db: SqliteConnection;
  readonly #pipelines: readonly PipelineSpec[];
  readonly #world: World;
  readonly #findings: Findings;
  readonly folds = new Map<number, RunFold>();
  #seq = 0;
  commits = 0;
  /** Told of each event, in commit order. */
  onEvent: (fold: RunFold, body: EventBody, at: number) => void = () => {};
  /** Told of each commit when its events are folded. */
  onCommit: (commit: Commit) => void = () => {};

  constructor(db: SqliteConnection, pipelines: readonly PipelineSpec[], world: World, findings: Findings) {
    this.#db = db;
    this.#pipelines = pipelines;
    this.#world = world;
    this.#findings = findings;
  }

  look(): void {
    this.commits += 1;
    const events = this.#db.all<EventOnDisk>(SELECT_EVENTS, this.#seq);
    this.#seq = events.at(-1)?.seq ?? this.#seq;
    // Some tell of a schedule, and of no run.
    const ofRuns = events.filter(({ runKey }) => runKey !== NO_RUN);
    const touched = new Set(ofRuns.map(({ runKey }) => runKey));
    const told = ofRuns.map((event) => this.#add(event));
    for (const key of touched) this.#checkRun(key);
    this.onCommit({ ...movesOf(told), folds: this.folds });
  }

  /** Every run, whether events speak of it or not. */
  lookAtAll(): void {
    for (const key of this.folds.keys()) this.#checkRun(key);
    const stray = this.#db.all<{ key: number }>("select key from run").filter(({ key }) => !this.folds.has(key));
    this.#findings.expect(stray.length === 0, "I08", () => `runs without any event: ${stray.map(({ key }) => key)}`);
  }

  #add({ at, runKey, body }: EventOnDisk): ToldEvent {
    const fold = this.folds.get(runKey) ?? this.#newFold(runKey);
    const event = JSON.parse(body) as EventBody;
    this.#world.note(`${fold.id} ${shown(fold, event)}`);
    fold.add(at, event);
    this.onEvent(fold, event, at);
    return { at, runKey, fold, event };
  }

  #newFold(runKey: number): RunFold {
    const run = readAskedRun(this.#db, runKey);
    const spec = this.#pipelines.find(({ name }) => name === run?.pipeline);
    if (run === undefined || spec === undefined) throw new Error(`Run ${runKey} is of no pipeline of this world.`);
    const fold = new RunFold(run.id, spec, run, this.#findings);
    this.folds.set(runKey, fold);
    return fold;
  }

  #checkRun(key: number): void {
    const fold = this.folds.get(key);
    if (fold !== undefined) checkRunRows(this.#db, key, fold, this.#findings);
  }
}

function shown({ spec }: RunFold, body: EventBody): string {
  const task = "taskIndex" in body && body.taskIndex !== undefined ? (spec.tasks[body.taskIndex]?.name ?? "?") : "";
  if (body.kind === "run_state")
    return `${body.from} -> ${body.to}${body.actor === undefined ? "" : ` by ${body.actor}`}`;
  if (body.kind !== "task_state") return `${task} ${body.kind}`;
  const { mapKey, from, to, generation, attempt, token, reason = "" } = body;
  return `${task}${mapKey === "" ? "" : `[${mapKey}]`} ${from} -> ${to} g${generation} a${attempt} t${token} ${reason}`;
}

const SELECT_EVENTS = "select seq, at, run_key as runKey, body from event where seq > ? order by seq";
