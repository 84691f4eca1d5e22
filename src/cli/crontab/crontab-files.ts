import { leftOutFile, pipelineFile, pipelinesFile } from "./pipeline-source.ts";
import type { Crontab } from "./read-crontab.ts";

export interface CrontabFile {
  /** Relative to the project folder. */
  readonly path: string;
  readonly content: string;
  /** Names of the pipelines that it defines. */
  readonly pipelines: readonly string[];
}

/** The files that a crontab becomes. What has become no pipeline is kept in one of them. */
export function crontabFiles({ jobs, leftOut }: Crontab, layout: "one_file" | "file_each"): readonly CrontabFile[] {
  if (layout === "one_file") {
    const pipelines = jobs.map(({ name }) => name);
    return [{ path: "pipelines/crontab.ts", content: pipelinesFile(jobs, leftOut), pipelines }];
  }
  const lines = leftOut.filter(({ pipeline }) => pipeline === undefined);
  return [
    ...jobs.map((job) => ({ path: `pipelines/${job.name}.ts`, content: pipelineFile(job), pipelines: [job.name] })),
    ...(lines.length === 0 ? [] : [{ path: "crontab-left-out.md", content: leftOutFile(lines), pipelines: [] }]),
  ];
}
