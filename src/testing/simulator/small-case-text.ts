import type { PipelineSpec } from "../../core/manifest.ts";
import type { SmallCase } from "./shrink.ts";

/** A small case as a person reads it: what is there, what happens, and what is broken. */
export function smallCaseText({ scenario, report, tries }: SmallCase): string {
  const { nodes, pipelines, actions, spells, leaseMs, pollMs } = scenario;
  const used = pipelines.filter(({ name }) =>
    actions.some((action) => "pipeline" in action && action.pipeline === name),
  );
  return [
    `The smallest world found in ${tries} tries (lease ${leaseMs} ms, poll ${pollMs} ms):`,
    ...nodes.map(({ name, host, slots, queues }) => `  ${name} on ${host}, ${slots} slots, queues ${queues.join(" ")}`),
    ...used.flatMap(pipelineLines),
    ...actions.map(
      (action) =>
        `  at ${action.atMs} ms: ${action.kind} ${action.run}${"pipeline" in action ? ` of ${action.pipeline}` : ""}`,
    ),
    ...spells.map(({ kind, node, atMs, ms }) => `  at ${atMs} ms: ${kind} of ${node}, ${ms} ms`),
    ...report.struck.map((fault) => `  fault ${fault}`),
    ...report.trace,
    `${report.finding?.rule}: ${report.finding?.message}`,
  ].join("\n");
}

function pipelineLines({ name, tasks }: PipelineSpec): readonly string[] {
  return [
    `  ${name}:`,
    ...tasks.map(({ name: task, upstream, when, retries, lostLimit }) => {
      const after =
        upstream.length === 0 ? "" : ` after ${upstream.map((index) => tasks[index]?.name).join(", ")} (${when})`;
      return `    ${task}${after}, ${retries.limit} retries, ${lostLimit} replacements`;
    }),
  ];
}
