import type { Json } from "../../core/json.ts";
import { lastItem } from "../../core/map-path.ts";
import { cursorText, type SourceCursor } from "../../core/source-cursor.ts";
import type { PreviousView, StepView, TaskContext, TaskLog } from "../../core/task-context.ts";
import type { Files } from "../../ports/files.ts";
import { attemptFolder } from "../temp-folders.ts";
import type { CursorFact, LoadOrder, RunFacts, TaskFacts } from "./messages.ts";
import { RunView } from "./run-view.ts";

/** What a task function receives, and what the process must know of it afterwards. */
export interface AttemptContext {
  readonly context: TaskContext;
  /** The task has asked for `signal`, so it may react to it. */
  readonly listens: () => boolean;
  abort(reason: string): void;
  /** JSON text of how far its cursor is to move; undefined when it was not asked to. */
  readonly advancedTo: () => string | undefined;
  /** Removes the attempt's folder, if it was asked for. */
  dispose(): void;
}

export interface ContextParts {
  readonly load: LoadOrder;
  readonly run: RunFacts;
  readonly facts: TaskFacts;
  readonly input: Readonly<Record<string, unknown>>;
  /** What a task run of a map is for. */
  readonly item: { readonly value: Json } | undefined;
  readonly log: TaskLog;
  readonly files: Files;
}

export function attemptContext({ load, run, facts, input, item, log, files }: ContextParts): AttemptContext {
  let controller: AbortController | undefined;
  let abortReason: string | undefined;
  let tempDir: string | undefined;
  const noted = facts.cursor === undefined ? undefined : notedCursor(facts.cursor);
  const view = new RunView(run, load.pipeline);
  const context: TaskContext = {
    input,
    params: run.params,
    interval: view.interval,
    ds: run.ds,
    timezone: run.timezone,
    run: view.run,
    events: (run.events ?? []).map((event) => ({ ...event, at: new Date(event.at) })),
    task: { name: facts.task, mapKey: facts.mapKey ?? "" },
    attempt: facts.attempt,
    ...(item === undefined ? {} : { item: item.value, index: lastItem(facts.mapKey ?? "") ?? 0 }),
    ...(noted === undefined ? {} : { cursor: noted.cursor }),
    log,
    idempotencyKey: facts.idempotencyKey,
    connections: facts.connections ?? NO_CONNECTIONS,
    projectDir: load.projectDir,
    get prev(): PreviousView {
      return view.prev;
    },
    get next(): StepView {
      return view.next;
    },
    get signal(): AbortSignal {
      if (controller === undefined) {
        controller = new AbortController();
        if (abortReason !== undefined) controller.abort(abortError(abortReason));
      }
      return controller.signal;
    },
    get tempDir(): string {
      if (tempDir === undefined) {
        tempDir = attemptFolder(load.tempDir, facts);
        files.makeFolder(tempDir);
      }
      return tempDir;
    },
  };
  return {
    context,
    listens: () => controller !== undefined,
    abort: (reason) => {
      abortReason = reason;
      controller?.abort(abortError(reason));
    },
    advancedTo: () => noted?.advancedTo(),
    dispose: () => {
      if (tempDir !== undefined) files.remove(tempDir);
    },
  };
}

/** What an attempt sees of its cursor: moving it is refused at once, where the task can see to it. */
function notedCursor({ name, value }: CursorFact): Noted {
  let noted: string | undefined;
  const advance = (next: Json): void => {
    noted = cursorText(name, next);
  };
  return { cursor: Object.freeze({ value, advance }), advancedTo: () => noted };
}

interface Noted {
  readonly cursor: SourceCursor;
  readonly advancedTo: () => string | undefined;
}

const NO_CONNECTIONS: Readonly<Record<string, string>> = Object.freeze({});

function abortError(reason: string): Error {
  return Object.assign(new Error(reason), { name: "AbortError" });
}
