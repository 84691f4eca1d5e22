import { execFileSync } from "node:child_process";
import { parseArgs } from "node:util";
import { type CampaignReport, campaign, failureText } from "../src/testing/simulator/campaign.ts";
import { simulate } from "../src/testing/simulator/simulate.ts";
import { drawScenario } from "../src/testing/simulator/workload/draw-scenario.ts";

// npm run sim -- --seeds 10000 [--first N]: so many worlds. npm run sim -- --seed N: one of them, told event by event.

const { values } = parseArgs({
  options: {
    seeds: { type: "string", default: "500" },
    first: { type: "string", default: "1" },
    seed: { type: "string" },
  },
});

process.exitCode = values.seed === undefined ? await many() : await one(Number(values.seed));

async function one(seed: number): Promise<number> {
  const { finding, trace, traceHash } = await simulate(drawScenario(seed), { keepsTrace: true });
  print(trace.join("\n"));
  print(`\nseed ${seed}@${commit()}, trace ${traceHash}`);
  if (finding !== undefined) print(failureText({ seed, finding }));
  return finding === undefined ? 0 : 1;
}

async function many(): Promise<number> {
  const began = performance.now();
  const first = Number(values.first);
  const report = await campaign(first, Number(values.seeds), (seed, { finding }) => {
    if (finding !== undefined) print(failureText({ seed, finding }));
  });
  const seconds = (performance.now() - began) / 1_000;
  printProbes(report);
  print(`${report.seeds} seeds from ${first}@${commit()}, ${(report.seeds / seconds).toFixed(1)} a second`);
  print(report.failures.length === 0 ? "all is well" : `${report.failures.length} seeds failed`);
  return report.failures.length === 0 ? 0 : 1;
}

function printProbes({ probes }: CampaignReport): void {
  const sorted = [...probes].sort(([one], [other]) => (one < other ? -1 : 1));
  for (const [name, count] of sorted) print(`${String(count).padStart(10)}  ${name}`);
}

function commit(): string {
  return execFileSync("git", ["rev-parse", "--short", "HEAD"], { encoding: "utf8" }).trim();
}

function print(text: string): void {
  process.stdout.write(`${text}\n`);
}
