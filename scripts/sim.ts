import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type CampaignReport, campaign, failureText } from "../src/testing/simulator/campaign.ts";
import { LONG_RUN_SEEDS, missedProbes } from "../src/testing/simulator/probes.ts";
import { shrink } from "../src/testing/simulator/shrink.ts";
import { simulate } from "../src/testing/simulator/simulate.ts";
import { smallCaseText } from "../src/testing/simulator/small-case-text.ts";
import { drawScenario } from "../src/testing/simulator/workload/draw-scenario.ts";
import { readArguments, wholeNumber } from "./script-arguments.ts";

const USAGE = `npm run sim -- --seeds 10000 [--first N]   so many worlds
npm run sim -- --seed N [--shrink]        one of them, told event by event, or the smallest that breaks the same rule

From ${LONG_RUN_SEEDS} seeds on a run also fails on what too few worlds have reached. --json prints a line for each world, --failures N ends after so many.`;

const values = readArguments(USAGE, parse);
process.exitCode = values.seed === undefined ? await many() : await one(values.seed);

function parse() {
  const text = { type: "string" } as const;
  const flag = { type: "boolean", default: false } as const;
  const options = { seeds: text, first: text, seed: text, failures: text, shrink: flag, json: flag };
  const { values } = parseArgs({ options });
  const { seeds = "500", first = "1", failures = "Infinity", seed, ...flags } = values;
  return {
    ...flags,
    seeds: wholeNumber("seeds", seeds),
    first: wholeNumber("first", first),
    failures: failures === "Infinity" ? Number.POSITIVE_INFINITY : wholeNumber("failures", failures),
    seed: seed === undefined ? undefined : wholeNumber("seed", seed),
  };
}

async function one(seed: number): Promise<number> {
  const scenario = drawScenario(seed);
  const { finding, trace, traceHash } = await simulate(scenario, { keepsTrace: true });
  if (finding !== undefined && values.shrink) print(smallCaseText(await shrink(scenario, finding)));
  else print(trace.join("\n"));
  print(`\nseed ${seed}@${commit()}, trace ${traceHash}`);
  if (finding !== undefined) print(failureText({ seed, finding }));
  return finding === undefined ? 0 : 1;
}

async function many(): Promise<number> {
  const began = performance.now();
  const { first, seeds, failures: failuresMax } = values;
  const report = await campaign({ first, seeds, failuresMax }, (soFar, { seed, finding }) => {
    if (values.json) print(JSON.stringify({ ...soFar, failed: soFar.failures.length, first: soFar.failures[0] }));
    else if (finding !== undefined) print(failureText({ seed, finding }));
  });
  const failed = report.failures.length;
  if (!values.json) printSummary(report, (performance.now() - began) / 1_000);
  const missed = report.seeds < LONG_RUN_SEEDS ? [] : missedProbes(report.probes, report.seeds);
  if (!values.json) for (const sentence of missed) print(sentence);
  return failed === 0 && missed.length === 0 ? 0 : 1;
}

function printSummary({ probes, seeds, failures }: CampaignReport, seconds: number): void {
  const sorted = [...probes].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, { worlds, times }] of sorted) {
    print(`${String(times).padStart(10)} in ${String(worlds).padStart(6)} worlds  ${name}`);
  }
  print(`${seeds} seeds from ${values.first}@${commit()}, ${(seeds / seconds).toFixed(1)} a second`);
  print(failures.length === 0 ? "all is well" : `${failures.length} seeds failed`);
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
