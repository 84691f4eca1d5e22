import type { DataInterval } from "../../core/instant.ts";
import { type IntervalNeighbours, type NeighbourInterval, neighboursOf } from "../../core/interval-neighbours.ts";
import type { PastSuccess } from "../../core/past-success.ts";
import type { PreviousView, StepView, SuccessView, TaskContext } from "../../core/task-context.ts";
import type { RunFacts } from "./messages.ts";

/** What a task function sees of its run. The steps beside its own are computed when they are asked for. */
export class RunView {
  readonly run: TaskContext["run"];
  readonly interval: TaskContext["interval"];
  readonly #facts: RunFacts;
  #steps: IntervalNeighbours | undefined;

  constructor(facts: RunFacts, pipeline: string) {
    const { id, trigger, schedule, interval, isPartial } = facts;
    this.#facts = facts;
    this.run = { id, pipeline, trigger, ...(schedule === undefined ? {} : { schedule: schedule.name }) };
    this.interval = { ...dates(interval), partial: isPartial ?? false };
  }

  get prev(): PreviousView {
    const { lastSuccess } = this.#facts;
    return {
      ...step(this.#stepsBeside().prev),
      ...(lastSuccess === undefined ? {} : { success: successView(lastSuccess) }),
    };
  }

  get next(): StepView {
    return step(this.#stepsBeside().next);
  }

  #stepsBeside(): IntervalNeighbours {
    this.#steps ??= neighboursOf(this.#facts.interval, this.#facts.schedule);
    return this.#steps;
  }
}

function step(neighbour: NeighbourInterval | undefined): StepView {
  return neighbour === undefined ? {} : { interval: dates(neighbour.interval), ds: neighbour.ds };
}

function successView({ interval, ds, runId, startedAt, finishedAt }: PastSuccess): SuccessView {
  return { ...dates(interval), ds, runId, startedAt: new Date(startedAt), finishedAt: new Date(finishedAt) };
}

function dates({ start, end }: DataInterval): { readonly start: Date; readonly end: Date } {
  return { start: new Date(start), end: new Date(end) };
}
