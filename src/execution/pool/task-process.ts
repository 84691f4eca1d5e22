import { flushCompileCache } from "node:module";
import type { FailureView } from "../../core/definition.ts";
import type { Json } from "../../core/json.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { parentChannel, watchSpawns } from "../../ports/parent-channel.ts";
import { type BlobStore, localBlobs } from "../blobs.ts";
import { type AttemptContext, attemptContext } from "./attempt-context.ts";
import { attemptInputs } from "./attempt-inputs.ts";
import { attemptItem } from "./attempt-item.ts";
import { askCacheKey } from "./cache-key.ts";
import { captureOutput } from "./captured-output.ts";
import { encodeFrame, FRAME_KINDS, FrameReader } from "./frames.ts";
import { type LoadedPipeline, type LoadedTask, loadFailure, loadPipeline } from "./load-pipeline.ts";
import type { NextTicksOrder } from "./messages.ts";
import {
  encodeAnswer,
  type FromProcess,
  type KeepOutputOrder,
  type LoadOrder,
  type ParseParamsOrder,
  type PollsOrder,
  type RunFacts,
  type TaskFacts,
  type ToProcess,
} from "./messages.ts";
import { nextTicks } from "./next-ticks.ts";
import { pollSensors } from "./poll-sensors.ts";
import { ProcessUseMeter } from "./process-use.ts";
import { askRetryCode } from "./retry-code.ts";
import { type AttemptOutcome, askFirst, keptOutputLine, runAttempt } from "./run-attempt.ts";
import { taskLog } from "./task-log.ts";
import { thrownFailure } from "./thrown-failure.ts";

const STOPPED_EXIT_CODE = 143;
const UNCAUGHT_EXIT_CODE = 70;

/**
 * A task process: imports one pipeline of one version once, then runs its attempts, one at a time.
 *
 * 1. Every order is answered once, by a synchronous write: an answer is in the pipe whatever happens next.
 * 2. An error that nobody can catch fails the order in hand and ends the process: who threw it cannot be known for
 *    sure, nor what it has left behind.
 * 3. When the parent goes, the process goes at once.
 */
class TaskProcess {
  readonly #use = new ProcessUseMeter(systemClock);
  readonly #log = taskLog((line) => parentChannel.write(encodeFrame(FRAME_KINDS.log, line)));
  #loaded: Loaded | undefined;
  #run: RunFacts | undefined;
  #attempt: AttemptContext | undefined;
  /** The order that is not answered yet. */
  #inHand: ToProcess["kind"] | undefined;

  start(): void {
    // For this process alone, not for programs that tasks start.
    delete process.env.NODE_COMPILE_CACHE;
    watchSpawns(() => this.#use.noteSpawn());
    captureOutput((kind, bytes) => parentChannel.write(encodeFrame(kind, bytes)));
    process.on("uncaughtException", (error) => this.#onUncaught(error));
    process.on("SIGTERM", () => this.#onStop());
    process.on("exit", (code) => this.#onExit(code));
    const reader = new FrameReader((_kind, payload) => void this.#receive(payload));
    parentChannel.listen(
      (chunk) => reader.push(chunk),
      () => process.exit(STOPPED_EXIT_CODE),
    );
  }

  async #receive(payload: Buffer): Promise<void> {
    this.#use.begin();
    // The kind is unknown until the text is parsed, and the text holds values that others have written.
    this.#inHand = "run";
    try {
      const order = parseJson(payload.toString()) as unknown as ToProcess;
      this.#inHand = order.kind;
      await this.#obey(order);
    } catch (thrown) {
      const failure = { ...thrownFailure(thrown, this.#loaded?.order.rootDir ?? "/"), reason: "cannot_start" as const };
      this.#answer({ kind: "failed", failure, use: this.#use.end() });
    }
  }

  async #obey(order: ToProcess): Promise<void> {
    switch (order.kind) {
      case "load":
        return this.#obeyLoad(order);
      case "run":
        return this.#obeyRun(order);
      case "ask_first":
        return this.#obeyAskFirst(order);
      case "cache_key":
        return this.#obeyCacheKey(order);
      case "advise":
        return this.#obeyAdvise(order.task, order.failure);
      case "parse_params":
        return this.#obeyParseParams(order);
      case "next_ticks":
        return this.#obeyNextTicks(order);
      case "keep_output":
        return this.#obeyKeepOutput(order);
      case "poll":
        return this.#obeyPoll(order);
    }
  }

  async #obeyLoad(order: LoadOrder): Promise<void> {
    try {
      const pipeline = await loadPipeline(order);
      this.#loaded = { order, pipeline, blobs: localBlobs(order.blobsDir, localFiles) };
      this.#answer({ kind: "ready", use: this.#use.end() });
      // Written now: most task processes end by a signal, which would lose it.
      flushCompileCache();
    } catch (thrown) {
      this.#answer({ kind: "unloadable", failure: await loadFailure(thrown, order) });
    }
  }

  async #obeyRun(order: TaskFacts & { readonly ask?: true }): Promise<void> {
    const { pipeline, blobs, order: load } = this.#load();
    const task = knownTask(pipeline, order.task);
    const attempt = await this.#begin(order, task);
    const outcome = await runAttempt({
      task,
      attempt,
      ask: order.ask === true,
      keep: { blobs, labelPaths: order.labelPaths },
      rootDir: load.rootDir,
    });
    this.#end(attempt);
    this.#answerOutcome(outcome);
  }

  async #obeyAskFirst(order: TaskFacts): Promise<void> {
    const { pipeline, order: load } = this.#load();
    const task = knownTask(pipeline, order.task);
    const attempt = await this.#begin(order, task);
    const outcome = await askFirst(task, attempt, load.rootDir);
    this.#end(attempt);
    if (outcome === undefined) this.#answer({ kind: "go_on" });
    else this.#answerOutcome(outcome);
  }

  async #obeyCacheKey(order: TaskFacts): Promise<void> {
    const { pipeline, order: load } = this.#load();
    const task = knownTask(pipeline, order.task);
    const attempt = await this.#begin(order, task);
    const answered = await askCacheKey(task.functions, attempt.context, load.rootDir);
    this.#end(attempt);
    if ("failure" in answered) this.#answer({ kind: "failed", failure: answered.failure, use: this.#use.end() });
    else this.#answer({ kind: "cache_key", key: answered.key });
  }

  async #obeyAdvise(task: string, failure: FailureView): Promise<void> {
    const { functions } = knownTask(this.#load().pipeline, task);
    this.#answer({ kind: "advice", ...(await askRetryCode(functions, failure)) });
  }

  #obeyParseParams({ raw }: ParseParamsOrder): void {
    try {
      this.#answer({ kind: "params", params: this.#load().pipeline.definition.parseParams(raw) });
    } catch (thrown) {
      const { message, hint } = thrownFailure(thrown, this.#load().order.rootDir);
      this.#answer({ kind: "params_refused", message, ...(hint === undefined ? {} : { hint }) });
    }
  }

  async #obeyNextTicks(order: NextTicksOrder): Promise<void> {
    const { pipeline, order: load } = this.#load();
    try {
      const nextTick = pipeline.definition.timetables?.get(order.schedule);
      this.#answer({ kind: "ticks", answer: await nextTicks(nextTick, order) });
    } catch (thrown) {
      const { message, hint, location } = thrownFailure(thrown, load.rootDir);
      const details = { ...(hint === undefined ? {} : { hint }), ...(location === undefined ? {} : { location }) };
      this.#answer({ kind: "ticks_refused", message, ...details });
    }
  }

  async #obeyKeepOutput({ path, offset, bytes, labelPaths }: KeepOutputOrder): Promise<void> {
    const line = Buffer.from(localFiles.readPart(path, offset, bytes)).toString("utf8");
    this.#answerOutcome(await keptOutputLine(line, { blobs: this.#load().blobs, labelPaths }));
  }

  async #obeyPoll({ polls }: PollsOrder): Promise<void> {
    const { pipeline, blobs, order: load } = this.#load();
    this.#answer({ kind: "polled", ...(await pollSensors(polls, { pipeline, blobs, load })) });
  }

  async #begin(facts: TaskFacts, task: LoadedTask): Promise<AttemptContext> {
    const { order: load, blobs } = this.#load();
    if (facts.run !== undefined) this.#run = frozen(facts.run);
    const run = this.#run;
    if (run?.id !== facts.runId) throw new Error(`The process was told nothing of run ${facts.runId}.`);
    const input = attemptInputs(facts, task.spec, { blobs, files: localFiles });
    const attempt = attemptContext({
      load,
      run,
      facts,
      input: input instanceof Promise ? await input : input,
      item: attemptItem(facts, blobs),
      log: this.#log,
      files: localFiles,
    });
    this.#attempt = attempt;
    return attempt;
  }

  #end(attempt: AttemptContext): void {
    this.#attempt = undefined;
    try {
      attempt.dispose();
    } catch (thrown) {
      this.#log.warn(`The attempt's folder could not be removed: ${String(thrown)}`);
    }
  }

  #load(): Loaded {
    if (this.#loaded === undefined) throw new Error("A process was given work before its pipeline.");
    return this.#loaded;
  }

  #answerOutcome(outcome: AttemptOutcome): void {
    const use = this.#use.end();
    if (outcome.kind === "success") {
      const { json, ...message } = outcome;
      this.#answer({ ...message, use }, json);
    } else {
      this.#answer({ ...outcome, use });
    }
  }

  #answer(message: FromProcess, valueJson?: string): void {
    this.#inHand = undefined;
    parentChannel.write(encodeFrame(FRAME_KINDS.message, encodeAnswer(message, valueJson)));
  }

  /** Also rejected promises that nobody handles. */
  #onUncaught(error: unknown): void {
    const inHand = this.#inHand;
    const failure = thrownFailure(error, this.#loaded?.order.rootDir ?? "/");
    if (inHand === "load") this.#answer({ kind: "unloadable", failure: { ...failure, reason: "cannot_start" } });
    else if (inHand !== undefined) this.#answer({ kind: "failed", failure, uncaught: true, use: this.#use.end() });
    process.exit(UNCAUGHT_EXIT_CODE);
  }

  /** SIGTERM: the task is told; where nobody can react, waiting out the grace time would be for nothing. */
  #onStop(): void {
    this.#attempt?.abort("The attempt is being stopped: its time is over, or it was cancelled.");
    const somebodyReacts = this.#attempt?.listens() || this.#use.hasSpawned || process.listenerCount("SIGTERM") > 1;
    if (!somebodyReacts) process.exit(STOPPED_EXIT_CODE);
  }

  #onExit(code: number): void {
    this.#answer({ kind: "exits", code, wasBusy: this.#inHand !== undefined });
  }
}

interface Loaded {
  readonly order: LoadOrder;
  readonly pipeline: LoadedPipeline;
  readonly blobs: BlobStore;
}

function knownTask(pipeline: LoadedPipeline, name: string): LoadedTask {
  const task = pipeline.tasks.get(name);
  if (task === undefined) throw new Error(`The pipeline "${pipeline.definition.spec.name}" has no task "${name}".`);
  return task;
}

/** Attempts of a run share its parameters: what one of them changed would be another's input. */
function frozen(run: RunFacts): RunFacts {
  freeze(run.params);
  return run;
}

function freeze(value: Json | undefined): void {
  if (typeof value !== "object" || value === null) return;
  Object.freeze(value);
  for (const part of Object.values(value)) freeze(part);
}

new TaskProcess().start();
