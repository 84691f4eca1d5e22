import type { Finding } from "./findings.ts";
import { simulate, type WorldReport } from "./simulate.ts";
import { drawScenario } from "./workload/draw-scenario.ts";

/** What many worlds came to. */
export interface CampaignReport {
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  /** How often each thing was reached, over all worlds. */
  readonly probes: ReadonlyMap<string, number>;
}

export interface SeedFailure {
  readonly seed: number;
  readonly finding: Finding;
}

/** Worlds of neighbouring seeds, one after the other. */
export async function campaign(
  first: number,
  seeds: number,
  onReport: (seed: number, report: WorldReport) => void = () => {},
): Promise<CampaignReport> {
  const failures: SeedFailure[] = [];
  const probes = new Map<string, number>();
  for (let seed = first; seed < first + seeds; seed++) {
    const report = await simulate(drawScenario(seed));
    for (const [name, count] of report.probes) probes.set(name, (probes.get(name) ?? 0) + count);
    if (report.finding !== undefined) failures.push({ seed, finding: report.finding });
    onReport(seed, report);
  }
  return { seeds, failures, probes };
}

/** A failure as a person reads it: what broke, and the one line that shows it again. */
export function failureText({ seed, finding }: SeedFailure): string {
  return `seed ${seed}: ${finding.rule}: ${finding.message}\n  npm run sim -- --seed ${seed}`;
}
