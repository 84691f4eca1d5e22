import { Client, types } from "pg";
import { sleep, systemClock } from "../../../ports/clock.ts";
import { openPostgresStore } from "../../../store/postgres/open-postgres-store.ts";
import type { Completion, Store } from "../../../store/store.ts";
import { type Finding, Findings } from "../findings.ts";
import { PROJECT, VERSION_HASH } from "../workload/scenario.ts";
import { Dice } from "../world/dice.ts";
import { Answers } from "./answers.ts";
import { type CommittedEvent, checkLimits, checkRows, endedAttempts } from "./check-image.ts";
import { dawdle } from "./dawdle.ts";
import type { HistoryPlan } from "./draw-history.ts";
import { EventReader } from "./event-reader.ts";
import { imageOf } from "./image.ts";
import { Meddler } from "./meddler.ts";
import { Worker } from "./worker.ts";

/** Rounds until everything must have ended. */
const DRAIN_MAX = 300;

/** A PostgreSQL, and a schema of it that nobody else uses. */
export interface HistoryPlace {
  readonly url: string;
  readonly schema: string;
}

/**
 * One history on a real PostgreSQL: workers, a person and a reader, each with connections of its own, all at the same
 * time. The seed says what they try, the server how it interleaves. Whenever all rest, everything must agree.
 */
export async function parallelHistory(plan: HistoryPlan, place: HistoryPlace): Promise<Finding | undefined> {
  const history = new ParallelHistory(plan, place);
  try {
    return await history.live();
  } finally {
    await history.close();
  }
}

class ParallelHistory {
  readonly #plan: HistoryPlan;
  readonly #place: HistoryPlace;
  readonly #findings = new Findings();
  readonly #answers = new Answers(this.#findings);
  readonly #stores: Store[] = [];
  readonly #inspector: Client;
  readonly #workers: readonly Worker[];
  readonly #meddler: Meddler;
  readonly #reader: EventReader;

  constructor(plan: HistoryPlan, place: HistoryPlace) {
    this.#plan = plan;
    this.#place = place;
    const dice = new Dice(plan.seed);
    const reported: Completion[] = [];
    this.#inspector = new Client({ connectionString: place.url, types: { getTypeParser } });
    this.#workers = Array.from({ length: plan.workers }, (_, index) => {
      const name = `worker-${index}`;
      const pipelineOf = (run: string) => this.#meddler.pipelineOf(run);
      const answers = this.#answers;
      return new Worker({ name, store: this.#open(), dice: dice.split(name), answers, pipelineOf, reported });
    });
    this.#meddler = new Meddler({
      ...{ store: this.#open(), dice: dice.split("meddler") },
      ...{ pipelines: plan.pipelines, limits: plan.limits, workers: this.#workers },
    });
    this.#reader = new EventReader(this.#open());
  }

  async live(): Promise<Finding | undefined> {
    await this.#prepare();
    for (let beat = 0; beat < this.#plan.beats && !this.#hasFound; beat++) {
      await this.#beat();
      await this.#check();
    }
    if (!this.#hasFound) await this.#drain();
    return this.#findings.first;
  }

  async close(): Promise<void> {
    await Promise.all(this.#stores.map((store) => store.close()));
    await this.#inspector.query(`drop schema if exists ${this.#place.schema} cascade`);
    await this.#inspector.end();
  }

  get #hasFound(): boolean {
    return this.#findings.first !== undefined;
  }

  /** Two connections each, so that one that says a thing twice says it at the same time. */
  #open(): Store {
    const store = openPostgresStore({ ...this.#place, poolSize: 2 });
    this.#stores.push(store);
    return store;
  }

  async #prepare(): Promise<void> {
    const [store] = this.#stores;
    await store?.migrate();
    await this.#inspector.connect();
    await this.#inspector.query(`set search_path to ${this.#place.schema}`);
    await dawdle(this.#inspector);
    const { pipelines, limits } = this.#plan;
    const manifest = { format: 1, pipelines, ...limits } as const;
    await store?.saveVersion({ hash: VERSION_HASH, project: PROJECT, manifest });
    for (const worker of this.#workers) await worker.start();
    await this.#meddler.create();
    await this.#meddler.create();
  }

  async #beat(): Promise<void> {
    const actors = [...this.#workers, this.#meddler, this.#reader];
    await Promise.all(actors.map((actor) => this.#act(actor)));
  }

  async #act(actor: { step(): Promise<unknown> }): Promise<void> {
    for (let step = 0; step < this.#plan.steps && !this.#hasFound; step++) await this.#call(() => actor.step());
  }

  /** I41: without anybody who interferes all of it comes to an end. */
  async #drain(): Promise<void> {
    for (let round = 0; round < DRAIN_MAX && !this.#hasFound; round++) {
      const isOpen = await this.#call(() => this.#meddler.drain());
      let goesOn = false;
      for (const worker of this.#workers) goesOn = (await this.#call(() => worker.drain())) === true || goesOn;
      if (isOpen !== true && !goesOn) return this.#check();
    }
    const open = await this.#inspector.query(SELECT_OPEN);
    this.#findings.add("I41", `after ${DRAIN_MAX} rounds this has not ended: ${JSON.stringify(open.rows)}`);
  }

  /** B29: whatever meets whatever, no call fails. */
  async #call<T>(call: () => Promise<T>): Promise<T | undefined> {
    try {
      return await call();
    } catch (error) {
      this.#findings.add("B29", `a call failed: ${error instanceof Error ? error.message : String(error)}`);
      return undefined;
    }
  }

  async #check(): Promise<void> {
    if (this.#hasFound) return;
    await this.#allReadable();
    const image = await imageOf(this.#inspector);
    const { rows } = await this.#inspector.query<{ cursor: string }>(SELECT_CURSORS);
    const committed = await this.#inspector.query<CommittedEvent & { body: string }>(SELECT_COMMITTED);
    const events = committed.rows.map(({ body, ...event }) => ({ ...event, body: JSON.parse(body) }));
    const rules = { pipelineOf: this.#meddler.pipelineOf, limits: this.#plan.limits };
    checkRows(image, rules, this.#findings);
    checkLimits(events, image, rules, this.#findings);
    this.#answers.compare(endedAttempts(image));
    await this.#reader.compare(
      rows.map(({ cursor }) => cursor),
      this.#findings,
    );
    image.close();
  }

  /** Transactions that have ended may still be seen as open for a moment. */
  async #allReadable(): Promise<void> {
    for (;;) {
      const { rows } = await this.#inspector.query<{ hidden: number }>(COUNT_HIDDEN);
      if (rows[0]?.hidden === 0) return;
      await sleep(systemClock, 1);
    }
  }
}

function getTypeParser(oid: number, format?: "text" | "binary") {
  return oid === types.builtins.INT8 ? Number : types.getTypeParser(oid, format);
}

const COUNT_HIDDEN = "select count(*) as hidden from event where xid >= pg_snapshot_xmin(pg_current_snapshot())";

const SELECT_CURSORS = "select xid::text || ':' || seq::text as cursor from event order by xid, seq";

/** A transaction that saw another's writes has the later time: it began to read only after that had been stamped. */
const SELECT_COMMITTED = `
  select xid::text as xid, at, run_key as "runKey", body::text as body
  from event order by pg_xact_commit_timestamp(xid::xid), xid, seq`;

const SELECT_OPEN = `
  select run.id, run.state as run, task_run.task_index as task, task_run.state
  from run left join task_run on task_run.run_key = run.key
    and task_run.state in ('scheduled', 'queued', 'running', 'retrying', 'deferred')
  where run.state in ('queued', 'running', 'cancelling') order by run.key, task_run.key`;
