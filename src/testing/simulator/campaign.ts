import type { Probe } from "./declared-probes.ts";
import type { Finding } from "./findings.ts";
import type { Reach } from "./probes.ts";
import { simulate, type WorldReport } from "./simulate.ts";
import { drawScenario } from "./workload/draw-scenario.ts";

/** What many worlds came to. */
export interface CampaignReport {
  /** Worlds tried. */
  readonly seeds: number;
  readonly failures: readonly SeedFailure[];
  readonly probes: ReadonlyMap<Probe, Reach>;
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
  const probes = new Map<Probe, Reach>();
  let seed = first;
  for (; seed < first + seeds && failures.length < failuresMax; seed++) {
    const report = await simulate(drawScenario(seed));
    for (const [name, count] of report.probes) {
      const { worlds, times } = probes.get(name) ?? { worlds: 0, times: 0 };
      probes.set(name, { worlds: worlds + 1, times: times + count });
    }
    if (report.finding !== undefined) failures.push({ seed, finding: report.finding });
    onWorld({ seeds: seed + 1 - first, failures }, { ...report, seed });
  }
  return { seeds: seed - first, failures, probes };
}

/** A failure as a person reads it: what broke, and the one line that shows it again. */
export function failureText({ seed, finding }: SeedFailure): string {
  return `seed ${seed}: ${finding.rule}: ${finding.message}\n  npm run sim -- --seed ${seed}`;
}
