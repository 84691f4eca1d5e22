import type { Finding } from "./findings.ts";
import { simulate, type WorldReport } from "./simulate.ts";
import { drawScenario } from "./workload/draw-scenario.ts";

/** What many worlds came to. */
export interface CampaignReport {
  /** Worlds tried. */
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  /** How often each thing was reached, over all worlds. */
  readonly probes: ReadonlyMap<string, number>;
}

export interface SeedFailure {
  readonly seed: number;
  readonly finding: Finding;
}

export interface CampaignPlan {
  readonly first?: number | undefined;
  readonly seeds?: number | undefined;
  /** Enough is known after so many. */
  readonly failuresMax?: number | undefined;
}

/** Worlds of neighbouring seeds, one after the other. */
export async function campaign(
  { first = 1, seeds = 500, failuresMax = Number.POSITIVE_INFINITY }: CampaignPlan,
  onWorld: (soFar: Omit<CampaignReport, "probes">, world: WorldReport & { readonly seed: number }) => void = () => {},
): Promise<CampaignReport> {
  const failures: SeedFailure[] = [];
  const probes = new Map<string, number>();
  let seed = first;
  for (; seed < first + seeds && failures.length < failuresMax; seed++) {
    const report = await simulate(drawScenario(seed));
    for (const [name, count] of report.probes) probes.set(name, (probes.get(name) ?? 0) + count);
    if (report.finding !== undefined) failures.push({ seed, finding: report.finding });
    onWorld({ seeds: seed + 1 - first, failures }, { ...report, seed });
  }
  return { seeds: seed - first, failures, probes };
}

/** A failure as a person reads it: what broke, and the one line that shows it again. */
export function failureText({ seed, finding }: SeedFailure): string {
  return `seed ${seed}: ${finding.rule}: ${finding.message}\n  npm run sim -- --seed ${seed}`;
}
