import type { PipelineSpec } from "../../../core/manifest.ts";
import type { TriggerSpec } from "../../../core/trigger/trigger-spec.ts";
import type { AttemptOrder } from "../../../execution/executor.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import { isMeant } from "../reference/event-match.ts";
import type { Commit } from "./commit.ts";
import type { EventUse, SentEvent, SentEvents } from "./sent-events.ts";

export interface EventWatchParts {
  readonly db: SqliteConnection;
  readonly sent: SentEvents;
  readonly findings: Findings;
  readonly probes: Probes;
}

interface Trigger {
  readonly pipeline: string;
  readonly spec: TriggerSpec;
  readonly consumer: string;
  /** The newest event that it has decided on. */
  seq: number;
  /** Its last run was made then, and took all that waited. */
  quietSince: number;
}

/**
 * Runs that events start (docs/events.md): each trigger takes each event that it means once, in the order in which they
 * were sent, none is left out but those whose time is over, and each run is made when it may be, with the events that
 * belong together.
 */
export class EventTriggerWatch {
  readonly #parts: EventWatchParts;
  readonly #pipelines: readonly PipelineSpec[];
  readonly #events = new Map<string, readonly SentEvent[]>();
  #triggers: readonly Trigger[] = [];

  constructor(parts: EventWatchParts, pipelines: readonly PipelineSpec[]) {
    this.#parts = parts;
    this.#pipelines = pipelines;
  }

  /** Once they are deployed. */
  begin(): void {
    this.#triggers = this.#parts.db.all<TriggerOnDisk>(SELECT_TRIGGERS).flatMap(({ key, pipeline, name }) => {
      const spec = this.#pipelines.find((one) => one.name === pipeline)?.triggers?.find((one) => one.name === name);
      return spec === undefined
        ? []
        : [{ pipeline, spec, consumer: `trigger:${key}`, seq: 0, quietSince: Number.NEGATIVE_INFINITY }];
    });
  }

  look(taken: readonly EventUse[], { runMoves }: Commit, now: number): void {
    const made = new Set(runMoves.flatMap(({ event, fold }) => (event.from === null ? [fold.id] : [])));
    for (const trigger of this.#triggers) {
      const uses = taken.filter(({ consumer }) => consumer === trigger.consumer);
      if (uses.length > 0) this.#judge(trigger, uses, made, now);
    }
  }

  /** What a process is told of the events that have started its run. */
  started({ runId, events, trigger }: AttemptOrder): void {
    if (trigger !== "sensor") return;
    const wanted = this.#events.get(runId) ?? [];
    const isRight = events?.map(({ id }) => id).join() === wanted.map(({ id }) => id).join();
    this.#parts.findings.expect(
      isRight && wanted.length > 0,
      "WT-3",
      () => `${runId} was started by ${said(wanted)}, but its process is told of ${events?.length ?? 0} events`,
    );
  }

  /** What still waits for a run, in words. */
  waiting(now: number): readonly string[] {
    return this.#triggers.flatMap((trigger) => {
      const events = this.#missed(trigger, Number.POSITIVE_INFINITY, now);
      return events.length === 0 ? [] : [`${trigger.pipeline}/${trigger.spec.name} leaves ${said(events)}`];
    });
  }

  #judge(trigger: Trigger, uses: readonly EventUse[], made: ReadonlySet<string>, now: number): void {
    const { findings, probes } = this.#parts;
    const name = `${trigger.pipeline}/${trigger.spec.name}`;
    const stray = uses.find(({ event }) => event.seq <= trigger.seq || !isOf(trigger, event));
    findings.expect(
      stray === undefined,
      "WT-3",
      () => `${name} takes ${said(stray === undefined ? [] : [stray.event])}`,
    );
    const newest = uses.at(-1)?.event.seq ?? 0;
    const missed = this.#missed(trigger, newest, now);
    findings.expect(missed.length === 0, "WT-3", () => `${name} leaves out ${said(missed)}`);
    trigger.seq = newest;
    for (const [run, group] of Map.groupBy(uses, (use) => use.run)) {
      const events = group.map(({ event }) => event);
      const isNew = run !== null && made.has(run);
      findings.expect(isNew, "WT-3", () => `${name} takes ${said(events)} for ${run}, which is not made with it`);
      probes.reached(events.length > 1 ? "several events start a run" : "event starts a run");
      if (run === null) continue;
      this.#events.set(run, events);
      this.#judgeRun(trigger, run, events);
      this.#judgeTime(trigger, name, events, now);
    }
  }

  #judgeRun({ spec, pipeline }: Trigger, run: string, events: readonly SentEvent[]): void {
    const { db, findings } = this.#parts;
    const row = db.get<RunOnDisk>(SELECT_RUN, run);
    const times = events.map(({ at }) => at);
    const newest = events.at(-1)?.payload as { readonly customer?: string } | undefined;
    const customer = spec.hasTemplates === true ? newest?.customer : (spec.params as { customer?: string }).customer;
    const isRight =
      row?.pipeline === pipeline &&
      row.start === Math.min(...times) &&
      row.end === Math.max(...times) &&
      (JSON.parse(row.params) as { readonly customer?: string }).customer === customer;
    findings.expect(isRight, "TI-2", () => `${run} of ${said(events)} is ${JSON.stringify(row)}`);
  }

  /** Of each event its own run, or all until it is quiet, at most so many, and one in so long. */
  #judgeTime(trigger: Trigger, name: string, events: readonly SentEvent[], now: number): void {
    const { debounce, batch } = trigger.spec;
    const { findings } = this.#parts;
    const most = debounce === undefined && batch === undefined ? 1 : (batch?.max ?? EVENTS_MAX);
    findings.expect(events.length <= most, "WT-3", () => `${name} takes ${events.length} events at once, of ${most}`);
    const isFull = events.length === most;
    const times = events.map(({ at }) => at);
    const first = Math.min(...times);
    const isQuiet =
      debounce === undefined ||
      isFull ||
      now >= Math.max(...times) + debounce.quietMs ||
      now >= first + debounce.maxWaitMs;
    findings.expect(isQuiet, "WT-3", () => `${name} fires at ${now} for ${said(events)}, and it was not quiet`);
    if (batch === undefined) return;
    const isOpen = now >= trigger.quietSince + batch.everyMs;
    findings.expect(isOpen, "WT-3", () => `${name} fires at ${now}, and has done so at ${trigger.quietSince}`);
    // What is too much for one run follows at once.
    trigger.quietSince = isFull ? Number.NEGATIVE_INFINITY : now;
  }

  #missed(trigger: Trigger, until: number, now: number): readonly SentEvent[] {
    const { sent } = this.#parts;
    return sent.events.filter(
      (event) =>
        event.seq <= until && event.expiresAt > now && isOf(trigger, event) && !sent.hasTaken(trigger.consumer, event),
    );
  }
}

function isOf({ spec: { source } }: Trigger, event: SentEvent): boolean {
  return source.kind === "event" && source.event === event.name && isMeant(source.filter, event);
}

function said(events: readonly SentEvent[]): string {
  return events.map(({ seq, id, at }) => `${id} (number ${seq}, sent at ${at})`).join(", ") || "nothing";
}

/** Nobody says in these worlds that there may be more. */
const EVENTS_MAX = 1_000;

interface TriggerOnDisk {
  readonly key: number;
  readonly pipeline: string;
  readonly name: string;
}

interface RunOnDisk {
  readonly pipeline: string;
  readonly start: number;
  readonly end: number;
  readonly params: string;
}

const SELECT_TRIGGERS = "select key, pipeline, name from event_trigger order by key";

const SELECT_RUN = `
  select run.pipeline, interval_start as start, interval_end as "end", params from run
  join run_request on run_request.run_key = run.key where run.id = ?`;
