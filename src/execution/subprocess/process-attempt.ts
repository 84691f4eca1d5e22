import { join } from "node:path";
import type { Failure, ResourceUsage } from "../../core/failure.ts";
import type { CommandSpec } from "../../core/manifest.ts";
import { listItems } from "../../core/map-source.ts";
import { parseJson } from "../../core/serialize-value.ts";
import { INLINE_VALUE_BYTES_MAX } from "../../core/value.ts";
import { within } from "../../ports/clock.ts";
import { type ProcessExit, type RunningProcess, startProcess } from "../../ports/processes.ts";
import { AttemptGuard } from "../attempt-guard.ts";
import { AttemptOutput } from "../attempt-output.ts";
import type { AttemptServices } from "../attempt-services.ts";
import type { AttemptOrder, AttemptReport, AttemptResult, StopManner } from "../executor.ts";
import { failedOf, successOf } from "../pool/answered-result.ts";
import { answeredFirst } from "../pool/ask-attempt.ts";
import { askFirstOrderText } from "../pool/order-text.ts";
import type { PoolProcess } from "../pool/pool-process.ts";
import { Question } from "../pool/question.ts";
import { ADVICE_MS_MAX, advised, adviseOrderText, wantsAdvice } from "../pool/retry-advice.ts";
import { notKept } from "../pool/run-attempt.ts";
import { ProcessTree } from "../process-tree.ts";
import { attemptFolder } from "../temp-folders.ts";
import { attemptEnvironment } from "./attempt-environment.ts";
import { writeAttemptFiles } from "./attempt-files.ts";
import { renderCommand } from "./command.ts";
import { pipesContext } from "./dagster-pipes.ts";
import { exitFailure } from "./exit-failure.ts";
import { type LongLine, MessageFile } from "./message-file.ts";
import { Said } from "./said.ts";
import { startFailure } from "./start-failure.ts";

/** When all is killed the pipes are at their end; one that got away may hold them open, but not hold us up. */
const PIPE_END_MS_MAX = 1_000;
const STDERR_TAIL_BYTES = 4 * 1024;

export interface ProcessAttemptParts {
  readonly order: AttemptOrder;
  readonly command: CommandSpec;
  readonly connections: Readonly<Record<string, string>>;
  readonly services: AttemptServices;
}

/** One attempt of a task that is a command: from the order to its one report. */
export class ProcessAttempt {
  readonly #parts: ProcessAttemptParts;
  readonly #guard: AttemptGuard;
  readonly #output: AttemptOutput;
  readonly #said: Said;
  #usage: ResourceUsage | undefined;

  constructor(parts: ProcessAttemptParts) {
    const { order, services } = parts;
    this.#parts = parts;
    this.#guard = new AttemptGuard({ task: order.task, clock: services.clock, sampler: services.sampler });
    this.#output = new AttemptOutput(services.logs, order);
    this.#said = new Said(this.#output, order.task);
  }

  async run(): Promise<AttemptReport> {
    const { note } = this.#parts.order;
    if (note !== undefined) this.#output.note(note);
    this.#guard.startClock();
    const outcome = (await this.#askedFirst()) ?? (await this.#runCommand());
    this.#guard.end();
    const result = this.#stopped() ?? (await this.#withAdvice(outcome));
    this.#output.close();
    this.#parts.services.temp.remove(this.#parts.order);
    const final = this.#stopped() ?? result;
    return { result: final, ...(this.#usage === undefined ? {} : { usage: this.#usage }) };
  }

  /** The report will say `cancelled`, unless the attempt is being ended for another reason. */
  stop(how?: StopManner): void {
    this.#guard.cancel(how);
  }

  /** Asks `runIf` and `doneWhen`, which are functions, in a task process; undefined when there is work to do. */
  async #askedFirst(): Promise<AttemptResult | undefined> {
    const { order, connections } = this.#parts;
    if (!order.askFirst) return undefined;
    const question = this.#question((process) => {
      const runIsKnown = process.hearOf(order);
      return askFirstOrderText(order, { runIsKnown, connections });
    });
    return answeredFirst(order, await question.ask());
  }

  async #runCommand(): Promise<AttemptResult> {
    if (this.#guard.isStopping) return NOT_BEGUN;
    const started = await this.#start();
    return "failure" in started
      ? { kind: "failed", failure: started.failure }
      : await this.#follow(started.running, started.tree, started.messagesPath);
  }

  async #start(): Promise<Started | { readonly failure: Failure }> {
    const { order, command, connections, services } = this.#parts;
    const { files, blobs, temp, versionsDir, projectDir, sessionId, clock, table } = services;
    const folder = attemptFolder(temp.sessionDir, order);
    const rootDir = join(versionsDir, order.versionHash);
    try {
      const paths = await writeAttemptFiles(order, { folder, files, blobs, dagsterContext: pipesContext(order) });
      const rendered = renderCommand(command, order, { projectDir, rootDir, files, item: paths.item?.json });
      const mark = services.newMark();
      const own = { order, files: paths, folder, rootDir, projectDir, sessionId, mark, connections };
      const env = { ...attemptEnvironment(own), ...rendered.env };
      await services.beforeStart();
      const running = await startProcess({ argv: rendered.argv, cwd: rendered.cwd, env });
      const tree = new ProcessTree({ pid: running.pid, mark, clock, table });
      return { running, tree, messagesPath: paths.messages };
    } catch (error) {
      return { failure: startFailure(error, command.argv[0] ?? "") };
    }
  }

  async #follow(running: RunningProcess, tree: ProcessTree, messagesPath: string): Promise<AttemptResult> {
    const { files, clock } = this.#parts.services;
    const messages = new MessageFile({
      path: messagesPath,
      files,
      clock,
      lineBytesMax: INLINE_VALUE_BYTES_MAX,
      events: {
        onLine: (line) => this.#said.hearLine(line),
        onLongLine: (line) => this.#said.hearLongLine(line),
      },
    });
    let stderrTail: Buffer = Buffer.alloc(0);
    running.stdout.on("data", (chunk: Buffer) => this.#output.bytes("out", chunk));
    running.stderr.on("data", (chunk: Buffer) => {
      stderrTail = Buffer.concat([stderrTail, chunk]).subarray(-STDERR_TAIL_BYTES);
      this.#output.bytes("err", chunk);
    });
    this.#guard.onSample = () => messages.poll();
    this.#guard.begin(running.pid, tree);
    const exit = await running.exited;
    this.#guard.end();
    const left = await tree.sweep();
    if (left > 0 && !this.#guard.isStopping) {
      this.#output.note(`${left} processes that the command had started still ran when it ended; they were ended too.`);
    }
    await within(clock, PIPE_END_MS_MAX, running.closed);
    await messages.finish();
    this.#usage = { cpuMs: this.#guard.sampledCpuMs, peakMemoryBytes: this.#guard.sampledPeakBytes };
    return this.#resultOf(exit, stderrTail.toString(), messagesPath);
  }

  async #resultOf(exit: ProcessExit, stderrTail: string, messagesPath: string): Promise<AttemptResult> {
    const { skipExitCode } = this.#parts.command;
    if (this.#guard.isStopping) return NOT_BEGUN;
    if (exit.code === skipExitCode && skipExitCode !== 0) {
      return { kind: "skipped", reason: `The command ended with exit code ${skipExitCode}, which means skipped.` };
    }
    if (exit.code !== 0) {
      const failure = exitFailure({ exit, stderrTail, exception: this.#said.exception });
      return { kind: "failed", failure };
    }
    const { cursor } = this.#said;
    if (cursor === undefined) return this.#success(messagesPath);
    if (cursor.kind === "invalid") return { kind: "failed", failure: cursor.failure };
    const result = await this.#success(messagesPath);
    return result.kind === "success" ? { ...result, cursor: cursor.json } : result;
  }

  async #success(messagesPath: string): Promise<AttemptResult> {
    const { output } = this.#said;
    const materialisations = this.#said.materialisations();
    const made = materialisations.length === 0 ? {} : { materialisations };
    if (output === undefined) return { kind: "success", ...made };
    if (output.kind === "invalid") return { kind: "failed", failure: output.failure };
    if (output.kind === "in_file") {
      const kept = await this.#keepFromFile(output.line, messagesPath);
      return kept.kind === "success" ? { ...kept, ...made } : kept;
    }
    const { json } = output;
    const { labelPaths } = this.#parts.order;
    if (Buffer.byteLength(json) <= INLINE_VALUE_BYTES_MAX) {
      return { kind: "success", output: { kind: "inline", json }, ...made };
    }
    try {
      const items = labelPaths === undefined ? undefined : listItems(parseJson(json), labelPaths);
      const blob = await this.#parts.services.blobs.put(json);
      return { kind: "success", output: { kind: "blob", ...blob }, ...(items === undefined ? {} : { items }), ...made };
    } catch (error) {
      return { kind: "failed", failure: notKept(error) };
    }
  }

  /** A large value would hold up the engine: a task process reads, checks and keeps it. */
  async #keepFromFile({ offset, bytes }: LongLine, path: string): Promise<AttemptResult> {
    const { labelPaths } = this.#parts.order;
    const question = this.#question(() => JSON.stringify({ kind: "keep_output", path, offset, bytes, labelPaths }));
    const answer = await question.ask();
    if (answer.kind === "success") return successOf(this.#parts.order, answer, question.valueJson);
    if (answer.kind === "failed") return failedOf(answer);
    const why = answer.kind === "unanswered" ? answer.failure.message : answer.kind;
    return { kind: "failed", failure: { reason: "error", message: `The large output could not be kept: ${why}` } };
  }

  async #withAdvice(result: AttemptResult): Promise<AttemptResult> {
    const { order } = this.#parts;
    if (!wantsAdvice(order, result)) return result;
    return advised(result, await this.#question(() => adviseOrderText(order, result.failure), ADVICE_MS_MAX).ask());
  }

  /** A question to a task process of the same pipeline; it is given up when the attempt is to stop. */
  #question(text: (process: PoolProcess) => string, msMax?: number): Question {
    const { order, services } = this.#parts;
    const { versionHash, graphHash, pipelineFile, pipeline } = order;
    const question = new Question({
      key: { versionHash, graphHash, pipelineFile, pipeline },
      text,
      ...(msMax === undefined ? {} : { msMax }),
      clock: services.clock,
      pool: services.pool,
      onOutput: (stream, bytes) => this.#output.bytes(stream, bytes),
      onLog: (level, line) => this.#output.say(level, line),
    });
    this.#guard.onStop = () => question.stop();
    return question;
  }

  #stopped(): AttemptResult | undefined {
    const failure = this.#guard.stopFailure();
    if (failure === undefined) return undefined;
    return { kind: failure.reason === "cancelled" ? "cancelled" : "failed", failure };
  }
}

interface Started {
  readonly running: RunningProcess;
  readonly tree: ProcessTree;
  readonly messagesPath: string;
}

/** Stands for the result of an attempt that is being stopped, which the cause of the stop replaces. */
const NOT_BEGUN: AttemptResult = {
  kind: "cancelled",
  failure: { reason: "cancelled", message: "The attempt was stopped." },
};
