import type { Json } from "../../../core/json.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";

/** An event as it was when it was sent. */
export interface SentEvent {
  readonly seq: number;
  readonly name: string;
  readonly id: string;
  readonly key: string | null;
  readonly payload: Json;
  readonly at: number;
  /** Then it may be forgotten. */
  readonly expiresAt: number;
}

/** Who has taken an event, and for which run. */
export interface EventUse {
  readonly event: SentEvent;
  /** `trigger:KEY` or `task:PIPELINE:NAME`. */
  readonly consumer: string;
  /** Which wait of that task. */
  readonly waiter: string | null;
  /** Null = it was refused. */
  readonly run: string | null;
}

/** All that was ever sent and taken, remembered for longer than the store does. */
export class SentEvents {
  readonly #db: SqliteConnection;
  readonly #findings: Findings;
  readonly #events = new Map<number, SentEvent>();
  readonly #uses = new Map<string, EventUse>();
  #seq = 0;

  constructor(db: SqliteConnection, findings: Findings) {
    this.#db = db;
    this.#findings = findings;
  }

  get events(): readonly SentEvent[] {
    return [...this.#events.values()];
  }

  hasTaken(consumer: string, { seq }: SentEvent): boolean {
    return this.#uses.has(nameOf(consumer, seq));
  }

  /** After a commit: what was taken in it. */
  look(): readonly EventUse[] {
    for (const { payload, ...row } of this.#db.all<EventOnDisk>(SELECT_EVENTS, this.#seq)) {
      this.#add({ ...row, payload: JSON.parse(payload) as Json });
    }
    return this.#db.all<UseOnDisk>(SELECT_USES).flatMap((row) => this.#use(row) ?? []);
  }

  #add(event: SentEvent): void {
    const twin = this.events.find(({ name, id, expiresAt }) => {
      return name === event.name && id === event.id && expiresAt > event.at;
    });
    this.#findings.expect(twin === undefined, "WT-3", () => `${event.name} ${event.id} is there a second time`);
    this.#seq = event.seq;
    this.#events.set(event.seq, event);
  }

  /** Undefined for one that is known. Nothing that was taken is ever given back, or to somebody else. */
  #use({ seq, consumer, waiter, run }: UseOnDisk): EventUse | undefined {
    const name = nameOf(consumer, seq);
    const known = this.#uses.get(name);
    const event = this.#events.get(seq);
    const isSame = known === undefined || (known.run === run && known.waiter === waiter);
    this.#findings.expect(isSame, "WT-3", () => `${consumer} took event ${seq} for ${known?.run}, and now for ${run}`);
    if (known !== undefined || event === undefined) return undefined;
    const use = { event, consumer, waiter, run };
    this.#uses.set(name, use);
    return use;
  }
}

function nameOf(consumer: string, seq: number): string {
  return `${consumer} ${seq}`;
}

type EventOnDisk = Omit<SentEvent, "payload"> & { readonly payload: string };

interface UseOnDisk {
  readonly seq: number;
  readonly consumer: string;
  readonly waiter: string | null;
  readonly run: string | null;
}

const SELECT_EVENTS = `
  select seq, name, id, key, payload, at, expires_at as expiresAt from signal where seq > ? order by seq`;

const SELECT_USES = `
  select signal_seq as seq, consumer, waiter, run.id as run
  from signal_use left join run on run.key = signal_use.run_key order by signal_seq`;
