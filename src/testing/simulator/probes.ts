/** Counts how often things were reached: a simulator that never gets somewhere finds nothing there. */
export class Probes {
  readonly #counts = new Map<string, number>();

  reached(name: string): void {
    this.#counts.set(name, (this.#counts.get(name) ?? 0) + 1);
  }

  get counts(): ReadonlyMap<string, number> {
    return this.#counts;
  }
}
