import type { Instant } from "../core/instant.ts";
import type { PipelineSpec } from "../core/manifest.ts";
import { taskRunName } from "../core/shown-task-runs.ts";
import type { LogLine, LogTag } from "../execution/logs/log-line.ts";
import type { LogStore } from "../execution/logs/log-store.ts";
import type { AttemptRecord, RunRecord, TaskRunRecord } from "../store/store.ts";

/** A line of a run's log, with where it comes from. */
export interface RunLogLine {
  readonly at: Instant;
  readonly task: string;
  readonly generation: number;
  readonly attempt: number;
  readonly tag: LogTag;
  readonly text: string;
}

/** Names the log of one attempt. */
export interface AttemptSource {
  readonly task: string;
  readonly taskIndex: number;
  readonly mapKey: string;
  readonly runId: string;
  readonly taskRunKey: number;
  readonly generation: number;
  readonly attempt: number;
  /** Nothing will be added to it. */
  readonly finished: boolean;
}

/** Pieces of a line that goes on and on are joined up to this; then it is shown as several. */
const JOINED_CHARACTERS_MAX = 1024 * 1024;

/** The attempts of a run whose logs there are to read, in the order in which they began. */
export function attemptSources(
  { run, pipeline }: { readonly run: RunRecord; readonly pipeline: PipelineSpec },
  taskRuns: readonly TaskRunRecord[],
  attempts: readonly AttemptRecord[],
): readonly AttemptSource[] {
  const keys = new Map(taskRuns.map((row) => [`${row.taskIndex} ${row.mapKey}`, row.key]));
  return [...attempts]
    .sort((one, other) => one.startedAt - other.startedAt || one.taskIndex - other.taskIndex)
    .flatMap(({ taskIndex, mapKey, generation, attempt, finishedAt }) => {
      const taskRunKey = keys.get(`${taskIndex} ${mapKey}`);
      if (taskRunKey === undefined) return [];
      const task = taskRunName(pipeline.tasks[taskIndex]?.name ?? `task ${taskIndex}`, mapKey);
      const finished = finishedAt !== undefined;
      return [{ task, taskIndex, mapKey, runId: run.id, taskRunKey, generation, attempt, finished }];
    });
}

/**
 * Reads the log of one attempt from the beginning, page by page, and again when it has grown. Holds at most a page.
 */
export class AttemptReader {
  readonly source: AttemptSource;
  readonly #logs: Pick<LogStore, "read">;
  #offset = 0;
  #page: RunLogLine[] = [];
  #next = 0;
  /** Pieces of a line that goes on, by tag. */
  readonly #open = new Map<LogTag, { readonly at: Instant; readonly text: string }>();

  /** `tail`: begin with the last so many lines. */
  constructor(source: AttemptSource, logs: Pick<LogStore, "read" | "tail">, tail?: number) {
    this.source = source;
    this.#logs = logs;
    if (tail === undefined) return;
    const { lines, nextOffset } = logs.tail(source, tail);
    this.#offset = nextOffset;
    this.#page = lines.flatMap((line) => this.#whole(line));
  }

  /** The next line, without taking it; undefined when nothing more is there at the moment. */
  peek(): RunLogLine | undefined {
    while (this.#next >= this.#page.length) {
      const { lines, nextOffset, atEnd } = this.#logs.read(this.source, this.#offset);
      this.#offset = nextOffset;
      this.#page = lines.flatMap((line) => this.#whole(line));
      this.#next = 0;
      if (this.#page.length === 0 && (atEnd || lines.length === 0)) return undefined;
    }
    return this.#page[this.#next];
  }

  take(): RunLogLine | undefined {
    const line = this.peek();
    if (line !== undefined) this.#next += 1;
    return line;
  }

  /** Lines whose end never came: the attempt is over, so they are shown as they are. */
  rest(): readonly RunLogLine[] {
    const lines = [...this.#open].map(([tag, { at, text }]) => this.#line(at, tag, text));
    this.#open.clear();
    return lines;
  }

  #whole({ at, tag, text, continued }: LogLine): readonly RunLogLine[] {
    const begun = this.#open.get(tag);
    const joined = { at: begun?.at ?? at, text: `${begun?.text ?? ""}${text}` };
    if (continued && joined.text.length < JOINED_CHARACTERS_MAX) {
      this.#open.set(tag, joined);
      return [];
    }
    this.#open.delete(tag);
    return [this.#line(joined.at, tag, joined.text)];
  }

  #line(at: Instant, tag: LogTag, text: string): RunLogLine {
    const { task, generation, attempt } = this.source;
    return { at, task, generation, attempt, tag, text };
  }
}

/** All that the readers have at the moment, the oldest line first; lines of one attempt keep their order. */
export function* mergedLines(readers: readonly AttemptReader[]): Generator<RunLogLine> {
  const heap = new ReaderHeap(readers);
  for (let reader = heap.first(); reader !== undefined; reader = heap.first()) {
    const line = reader.take();
    heap.settle();
    if (line !== undefined) yield line;
  }
}

/** Readers with the one whose next line is oldest in front: a step costs the logarithm of their number. */
class ReaderHeap {
  readonly #readers: AttemptReader[] = [];

  constructor(readers: readonly AttemptReader[]) {
    for (const reader of readers) if (reader.peek() !== undefined) this.#add(reader);
  }

  first(): AttemptReader | undefined {
    return this.#readers[0];
  }

  /** The first reader has moved on: finds its new place, or takes it out. */
  settle(): void {
    const [first] = this.#readers;
    if (first === undefined) return;
    if (first.peek() === undefined) {
      const last = this.#readers.pop();
      if (last === undefined || this.#readers.length === 0) return;
      this.#readers[0] = last;
    }
    this.#sink();
  }

  #add(reader: AttemptReader): void {
    this.#readers.push(reader);
    for (let at = this.#readers.length - 1; at > 0; ) {
      const parent = (at - 1) >> 1;
      if (!this.#before(at, parent)) return;
      this.#swap(at, parent);
      at = parent;
    }
  }

  #sink(): void {
    for (let at = 0; ; ) {
      const left = 2 * at + 1;
      const smaller = this.#before(left + 1, left) ? left + 1 : left;
      if (!this.#before(smaller, at)) return;
      this.#swap(smaller, at);
      at = smaller;
    }
  }

  #before(one: number, other: number): boolean {
    const line = this.#readers[one]?.peek();
    const otherLine = this.#readers[other]?.peek();
    return line !== undefined && otherLine !== undefined && line.at < otherLine.at;
  }

  #swap(one: number, other: number): void {
    const [kept, moved] = [this.#readers[one], this.#readers[other]];
    if (kept === undefined || moved === undefined) return;
    this.#readers[one] = moved;
    this.#readers[other] = kept;
  }
}
