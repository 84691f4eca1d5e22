import type { PipelineSpec } from "../core/manifest.ts";
import { BatutaError } from "../core/problem.ts";
import { isFinished, isRunFinished } from "../core/state.ts";
import type { LogStore } from "../execution/logs/log-store.ts";
import { sleep } from "../ports/clock.ts";
import type { RunRecord, Store, TaskRunRecord } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { AttemptReader, type AttemptSource, attemptSources, mergedLines, type RunLogLine } from "./run-log.ts";
import type { TaskReference } from "./task-reference.ts";
import { type LogStyle, logText, sourceWidth } from "./terminal/log-text.ts";

/** A follower looks this often: well within the second in which a line is on the disk. */
const FOLLOW_MS = 200;
const WRITE_CHARACTERS = 64 * 1024;

/** Which lines of a run's log are wanted, and how. */
export interface WantedLogs {
  readonly attempt?: number;
  readonly tail?: number;
  readonly follow: boolean;
  readonly timestamps: boolean;
}

export interface LogPrinterParts {
  readonly cli: Cli;
  readonly store: Store;
  readonly logs: LogStore;
  readonly run: RunRecord;
  readonly pipeline: PipelineSpec;
  readonly task: TaskReference | undefined;
  readonly wanted: WantedLogs;
}

/** Prints as it reads, so that neither a huge log nor one without an end has to fit into memory. */
export class LogPrinter {
  readonly #parts: LogPrinterParts;
  /** Logs that may still grow, and those that were read to their end. */
  readonly #readers = new Map<string, AttemptReader>();
  readonly #done = new Set<string>();
  readonly #names = new Set<string>();
  #hasLooked = false;
  #retried = false;
  #style: LogStyle;
  #text = "";
  #printed = 0;

  constructor(parts: LogPrinterParts) {
    this.#parts = parts;
    this.#style = this.#styleNow();
  }

  async print(): Promise<void> {
    const { cli, wanted } = this.#parts;
    const asOneList = cli.globals.json && !wanted.follow;
    const first = await this.#sources();
    if (wanted.attempt !== undefined && first.length === 0 && !wanted.follow) await this.#refuseAttempt();
    if (asOneList) cli.out.write('{"ok":true,"data":[');
    await this.#printNew(first);
    if (wanted.follow) await this.#follow();
    for (const reader of this.#readers.values()) for (const line of reader.rest()) this.#add(line);
    await this.#flush();
    if (asOneList) cli.out.write('],"warnings":[]}\n');
    if (this.#printed === 0) cli.note("Nothing has been written to the log.");
  }

  async #follow(): Promise<void> {
    const { cli } = this.#parts;
    while (!cli.out.closed) {
      // Asked before reading: what the run wrote at its very end is then read in this turn.
      const ended = await this.#ended();
      await this.#printNew(await this.#sources());
      if (ended) return;
      await sleep(cli.clock, FOLLOW_MS);
    }
  }

  /** Prints what is new, in logs known and unknown so far. */
  async #printNew(sources: readonly AttemptSource[]): Promise<void> {
    const { cli, logs, run, wanted } = this.#parts;
    const isWritten = logs.written(run.id);
    const tail = this.#hasLooked ? undefined : wanted.tail;
    this.#hasLooked = true;
    for (const source of sources) {
      const key = keyOf(source);
      if (source.finished && !isWritten(source)) continue;
      this.#names.add(source.task);
      this.#retried ||= source.attempt > 1;
      if (!this.#readers.has(key) && !this.#done.has(key))
        this.#readers.set(key, new AttemptReader(source, logs, tail));
    }
    this.#style = this.#styleNow();
    const lines = mergedLines([...this.#readers.values()]);
    for (const line of tail === undefined ? lines : lastOf(lines, tail)) {
      this.#add(line);
      if (this.#text.length >= WRITE_CHARACTERS) await this.#flush();
      if (cli.out.closed) return;
    }
    for (const source of sources) if (source.finished) this.#finish(keyOf(source));
    await this.#flush();
  }

  /** The attempt had ended before its log was read, so nothing will be added to it. */
  #finish(key: string): void {
    for (const line of this.#readers.get(key)?.rest() ?? []) this.#add(line);
    this.#readers.delete(key);
    this.#done.add(key);
  }

  #add(line: RunLogLine): void {
    const { cli, wanted } = this.#parts;
    this.#text += cli.globals.json ? this.#json(line, wanted.follow) : `${logText(line, this.#style)}\n`;
    this.#printed += 1;
  }

  /** Waits for the reader: a log may be larger than memory, and a pipe that nobody empties is full soon. */
  async #flush(): Promise<void> {
    const { out } = this.#parts.cli;
    if (this.#text === "") return;
    out.write(this.#text);
    this.#text = "";
    await out.flushed();
  }

  /** Lines that come one by one are an envelope each; all at once they are the items of one. */
  #json(line: RunLogLine, alone: boolean): string {
    const data = { ...line, at: new Date(line.at).toISOString() };
    if (alone) return `${JSON.stringify({ ok: true, data, warnings: [] })}\n`;
    return `${this.#printed === 0 ? "" : ",\n"}${JSON.stringify(data)}`;
  }

  #styleNow(): LogStyle {
    const { cli, pipeline, task, wanted } = this.#parts;
    const attempts = this.#retried && wanted.attempt === undefined;
    return {
      colors: cli.out.colors,
      isTty: cli.out.isTty,
      timestamps: wanted.timestamps,
      attempts,
      ...(task === undefined && pipeline.tasks.length > 1
        ? { taskWidth: sourceWidth([...this.#names], attempts) }
        : {}),
    };
  }

  /** Attempts of the newest generation: what was there before a re-run is history. */
  async #sources(): Promise<readonly AttemptSource[]> {
    const { store, run, task, wanted } = this.#parts;
    const taskRuns = await this.#taskRuns();
    const newest = new Map(taskRuns.map((row) => [row.key, row.generation]));
    const attempts = await store.attempts(run.id, task?.task, task?.mapKey);
    return attemptSources(this.#parts, taskRuns, attempts).filter(
      (source) =>
        source.generation === newest.get(source.taskRunKey) &&
        (wanted.attempt === undefined || source.attempt === wanted.attempt),
    );
  }

  /** Those that are meant: a map may have a great many. */
  #taskRuns(): Promise<readonly TaskRunRecord[]> {
    const { store, run, task } = this.#parts;
    if (task === undefined) return store.taskRuns(run.id);
    if (task.mapKey === undefined) return store.taskRuns(run.id, { taskIndexes: [task.task] });
    return store.taskRunsAt(run.id, [{ index: task.task, path: task.mapKey }]);
  }

  async #ended(): Promise<boolean> {
    const { store, run, task } = this.#parts;
    const now = await store.run(run.id);
    if (now === undefined || isRunFinished(now.state)) return true;
    if (task === undefined) return false;
    const rows = await this.#taskRuns();
    return rows.length > 0 && rows.every(({ state }) => isFinished(state));
  }

  async #refuseAttempt(): Promise<never> {
    const { store, run, task, wanted } = this.#parts;
    const attempts = await store.attempts(run.id, task?.task);
    throw new BatutaError("not_found", `There was no attempt ${wanted.attempt}.`, {
      hint:
        attempts.length === 0
          ? "The task has not been started."
          : `Attempts: ${attempts.map(({ attempt }) => attempt).join(", ")}.`,
    });
  }
}

function keyOf({ taskRunKey, generation, attempt }: AttemptSource): string {
  return [taskRunKey, generation, attempt].join(".");
}

/** The last of many lines, never holding more than these. */
function lastOf(lines: Iterable<RunLogLine>, count: number): readonly RunLogLine[] {
  let kept: RunLogLine[] = [];
  for (const line of lines) {
    kept.push(line);
    if (kept.length >= 2 * count + KEPT_SLACK) kept = kept.slice(kept.length - count);
  }
  return count === 0 ? [] : kept.slice(-count);
}

const KEPT_SLACK = 1_000;
