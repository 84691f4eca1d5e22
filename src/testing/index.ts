/**
 * What users import to test pipelines: the real engine, in memory, on a virtual clock.
 *
 * @example
 * import { fails, returns, runPipeline } from "batuta/testing";
 *
 * const run = await runPipeline(report, {
 *   date: "2024-01-02",
 *   stubs: { extract_crm: fails("connection reset").times(2).followedBy(returns([{ id: 1 }])) },
 * });
 * run.succeeded();
 * run.task("extract_crm").attempts(3);
 */
export { type AttemptFacts, PipelineRun, type PipelineRunFacts, TaskRun, type TaskRunFacts } from "./pipeline-run.ts";
export { type RunPipelineOptions, runPipeline } from "./run-pipeline.ts";
export { type AttemptScript, fails, hangs, returns, type Stub, type StubFunction } from "./stub.ts";
