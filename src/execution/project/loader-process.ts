import type { PipelineDefinition } from "../../core/definition.ts";
import { answerLine, readInput } from "../../ports/answer-channel.ts";
import { systemClock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { withHolidays } from "./business-calendars.ts";
import { importDefinitions, type LoadedPipeline, loadedPipeline } from "./definitions.ts";
import { ImportGraph } from "./import-graph.ts";
import type { LoadAnswer, LoadJob } from "./load-messages.ts";
import { type LoadContext, loadProblem, ProcessExit } from "./load-problem.ts";
import type { ProjectProblem } from "./problem.ts";
import { checkScheduleParams } from "./schedule-params.ts";

/**
 * The program of the loader process: the only place, beside task processes, where user code runs. It imports files one
 * by one and says so before and after each, so that its parent knows which one loops, exits or eats all memory.
 */
const job: LoadJob = JSON.parse(readInput());
/** The file whose code is running. */
let loading = "";
systemClock.after(job.lifeMs, () => process.exit(1));
reportEarlyEnd();
const graph = new ImportGraph(localFiles.realPath(job.rootDir));
graph.record();
await loadFiles(job.files);
loading = "";
process.exit(0);

async function loadFiles(files: readonly string[]): Promise<void> {
  for (const file of files) {
    begin(file);
    answer(await loadFile(file));
  }
}

async function loadFile(file: string): Promise<LoadAnswer> {
  try {
    const definitions = await importDefinitions(job.rootDir, file);
    const pipelines = definitions.map((definition) => pipelineOf(definition, file));
    const problems = definitions.length === 0 ? [noPipeline(file)] : [];
    return { kind: "loaded", file, pipelines, problems, imports: graph.closure(file) };
  } catch (error) {
    const problems = [loadProblem(error, contextOf(file))];
    return { kind: "loaded", file, pipelines: [], problems, imports: graph.closure(file) };
  }
}

function pipelineOf(definition: PipelineDefinition, file: string): LoadedPipeline {
  const loaded = loadedPipeline(definition, job.rootDir, file);
  checkScheduleParams(definition, loaded.spec);
  return { ...loaded, spec: withHolidays(loaded.spec, { rootDir: job.rootDir, files: localFiles }) };
}

function begin(file: string): void {
  loading = file;
  answer({ kind: "begin", file });
}

/** A file that ends the process takes the others with it, so the last word says which one, and where. */
function reportEarlyEnd(): void {
  const exit = process.exit.bind(process);
  process.exit = (code) => {
    if (loading !== "") reportEnd(new ProcessExit(code));
    return exit(code);
  };
  process.on("uncaughtException", (error: unknown) => {
    reportEnd(error);
    exit(1);
  });
}

function reportEnd(error: unknown): void {
  answer({ kind: "ends", file: loading, problem: loadProblem(error, contextOf(loading)) });
}

function noPipeline(file: string): ProjectProblem {
  return {
    severity: "warning",
    code: "invalid_definition",
    message: `${file} exports no pipeline.`,
    file,
    location: { file, line: 1 },
    hint: "Export what pipeline(…) returns, or move the file out of the pipelines folder.",
  };
}

function contextOf(file: string): LoadContext {
  const { rootDir, projectDir, javaScriptFiles } = job;
  return { rootDir, projectDir, file, javaScriptFiles, files: localFiles };
}

function answer(message: LoadAnswer): void {
  answerLine(JSON.stringify(message));
}
