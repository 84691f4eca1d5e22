import type { EventCondition, EventFilter } from "../../../core/trigger/event-filter.ts";
import { isMeant } from "../reference/event-match.ts";
import type { Commit, TaskMove } from "./commit.ts";
import type { EventWatchParts } from "./event-trigger-watch.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";
import type { EventUse, SentEvent } from "./sent-events.ts";

/**
 * Tasks that wait for an event (WT-3): each wait is given one at most, one that it means, and no two waits of a task the
 * same; what it gives to others is what it has taken. None ends in vain while there is one for it.
 */
export class EventSensorWatch {
  readonly #parts: EventWatchParts;
  readonly #slackMs: number;
  /** By consumer and wait. */
  readonly #taken = new Map<string, SentEvent>();
  #healedAt = Number.POSITIVE_INFINITY;

  /** @param slackMs once all is well whatever is due has happened this long after */
  constructor(parts: EventWatchParts, slackMs: number) {
    this.#parts = parts;
    this.#slackMs = slackMs;
  }

  healed(at: number): void {
    this.#healedAt = at;
  }

  look(taken: readonly EventUse[], { taskMoves, folds }: Commit): void {
    for (const use of taken) if (use.waiter !== null) this.#judgeUse(use, folds);
    for (const move of taskMoves) if (awaitedBy(move.task) !== undefined) this.#judgeEnd(move);
  }

  #judgeUse({ event, consumer, waiter, run }: EventUse, folds: Commit["folds"]): void {
    const { findings } = this.#parts;
    const name = `${consumer} ${waiter}`;
    const before = this.#taken.get(name);
    findings.expect(before === undefined, "WT-3", () => `${name} takes ${event.id} beside ${before?.id}`);
    this.#taken.set(name, event);
    const fold = [...folds.values()].find(({ id }) => id === run);
    const task = fold && [...fold.tasks.values()].find((one) => consumerOf(fold, one) === consumer);
    const awaited = task && awaitedBy(task);
    const isRight = awaited?.name === event.name && isMeant(awaited.filter, event);
    findings.expect(isRight, "WT-3", () => `${name} takes ${event.name} ${event.id}, which it does not mean`);
    this.#parts.probes.reached("event taken by a task");
  }

  #judgeEnd({ at, fold, task, event }: TaskMove): void {
    if (event.from !== "deferred" || event.actor !== undefined) return;
    const name = `${fold.id} ${task.spec.name}[${task.mapKey}]`;
    // A group that is tried again takes back what its sensor has just found.
    if (event.to === "success" && task.state === "success") this.#judgeValue(name, fold, task);
    if (event.reason === "sensor_timeout" || event.message?.startsWith("What it waits for") === true)
      this.#judgeVain(name, { fold, task, at });
  }

  #judgeValue(name: string, fold: RunFold, task: FoldedTask): void {
    const { db, findings } = this.#parts;
    const row = db.get<ValueOnDisk>(SELECT_VALUE, fold.id, task.taskIndex, task.mapKey);
    const value = JSON.parse(row?.json ?? "null") as { readonly id?: string } | null;
    const event = this.#taken.get(`${consumerOf(fold, task)} ${row?.key}:${task.generation}`);
    const isRight = event !== undefined && value?.id === event.id;
    findings.expect(isRight, "WT-3", () => `${name} gives ${row?.json}, and has taken ${event?.id ?? "nothing"}`);
  }

  #judgeVain(name: string, { fold, task, at }: { fold: RunFold; task: FoldedTask; at: number }): void {
    const { findings, sent } = this.#parts;
    const awaited = awaitedBy(task);
    const least = at - this.#slackMs;
    if (awaited === undefined || least < this.#healedAt) return;
    const free = sent.events.find(
      (event) =>
        event.name === awaited.name &&
        isMeant(awaited.filter, event) &&
        event.at < least &&
        event.expiresAt > at &&
        !sent.hasTaken(consumerOf(fold, task), event),
    );
    findings.expect(free === undefined, "WT-3", () => `${name} waits in vain, though ${free?.id} is there`);
  }
}

function consumerOf({ spec }: RunFold, task: FoldedTask): string {
  return `task:${spec.name}:${task.spec.name}`;
}

function awaitedBy({ spec: { execution } }: FoldedTask) {
  if (execution.via !== "sensor" || execution.sensor.kind !== "event") return undefined;
  const { name, ...filter } = execution.sensor.config as unknown as AwaitedConfig;
  return { name, filter };
}

/** As it is drawn. */
type AwaitedConfig = EventFilter & { readonly name: string; readonly where: readonly EventCondition[] };

interface ValueOnDisk {
  readonly key: number;
  readonly json: string | null;
}

const SELECT_VALUE = `
  select task_run.key, output.json from task_run join run on run.key = task_run.run_key
  left join output on output.task_run_key = task_run.key
  where run.id = ? and task_index = ? and map_key = ?`;
