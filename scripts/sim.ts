import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type CampaignReport, campaign, failureText } from "../src/testing/simulator/campaign.ts";
import { shrink } from "../src/testing/simulator/shrink.ts";
import { simulate } from "../src/testing/simulator/simulate.ts";
import { smallCaseText } from "../src/testing/simulator/small-case-text.ts";
import { drawScenario } from "../src/testing/simulator/workload/draw-scenario.ts";

// npm run sim -- --seeds 10000 [--first N] [--all]: so many worlds. npm run sim -- --seed N [--shrink]: one of them, told event
// by event, or the smallest one that breaks the same rule.

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    first: { type: "string", default: "1" },
    seed: { type: "string" },
    all: { type: "boolean", default: false },
    shrink: { type: "boolean", default: false },
    // For the mutants: a line of JSON after each world, and the end after so many failures.
    json: { type: "boolean", default: false },
    failures: { type: "string", default: "Infinity" },
  },
});

process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed));

async function one(seed: number): Promise<number> {
  const scenario = drawScenario(seed, values.all);
  const { finding, trace, traceHash } = await simulate(scenario, { keepsTrace: true });
  if (finding !== undefined && values.shrink) print(smallCaseText(await shrink(scenario, finding)));
  else print(trace.join("\n"));
  print(`\nseed ${seed}@${commit()}, trace ${traceHash}`);
  if (finding !== undefined) print(failureText({ seed, finding }, values.all));
  return finding === undefined ? 0 : 1;
}

async function many(): Promise<number> {
  const began = performance.now();
  const [first, seeds, failuresMax] = [values.first, values.seeds, values.failures].map(Number);
  const report = await campaign({ first, seeds, failuresMax, all: values.all }, (soFar, { seed, finding }) => {
    if (values.json) print(JSON.stringify({ ...soFar, failed: soFar.failures.length, first: soFar.failures[0] }));
    else if (finding !== undefined) print(failureText({ seed, finding }, values.all));
  });
  const failed = report.failures.length;
  if (!values.json) printSummary(report, (performance.now() - began) / 1_000);
  return failed === 0 ? 0 : 1;
}

function printSummary({ probes, seeds, failures }: CampaignReport, seconds: number): void {
  const sorted = [...probes].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, count] of sorted) print(`${String(count).padStart(10)}  ${name}`);
  print(`${seeds} seeds from ${values.first}@${commit()}, ${(seeds / seconds).toFixed(1)} a second`);
  print(failures.length === 0 ? "all is well" : `${failures.length} seeds failed`);
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
