import { PROBES, type Probe } from "./declared-probes.ts";

/** Counts how often things were reached: a simulator that never gets somewhere finds nothing there. */
export class Probes {
  readonly #counts = new Map<Probe, number>();

  reached(name: Probe): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get counts(): ReadonlyMap<Probe, number> {
    return this.#counts;
  }
}

/** A name that is made of what rows and events say; whatever may come of it is declared. */
export function probe(name: string): Probe {
  if (isDeclared(name)) return name;
  throw new Error(`Worlds reach "${name}", which declared-probes.ts does not declare. Add it there, with its bound.`);
}

function isDeclared(name: string): name is Probe {
  return Object.hasOwn(PROBES, name);
}

/** How much a thing was reached. */
export interface Reach {
  /** In so many worlds. */
  readonly worlds: number;
  /** So often, over all of them. */
  readonly times: number;
}

/** Fewer worlds say nothing of what is rare. */
export const LONG_RUN_SEEDS = 5_000;

/** What a run over so many worlds should have reached, and has not, or in too few of them; one sentence each. */
export function missedProbes(reached: ReadonlyMap<Probe, Reach>, seeds: number): readonly string[] {
  return Object.keys(PROBES)
    .map(probe)
    .flatMap((name) => {
      const least = Math.ceil((leastPercent(name) / 100) * seeds);
      const worlds = reached.get(name)?.worlds ?? 0;
      if (worlds >= least) return [];
      return [`"${name}" was reached ${worlds === 0 ? "never" : `in ${worlds} worlds`}, not in ${least} of ${seeds}`];
    });
}

function leastPercent(name: Probe): number {
  const bound = PROBES[name];
  return typeof bound === "number" ? bound : bound.percent;
}
