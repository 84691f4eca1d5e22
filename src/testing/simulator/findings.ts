/** A rule of the house that was broken, and how. */
export interface Finding {
  /** Number of the invariant or rule, `I04`. */
  readonly rule: string;
  readonly message: string;
}

/** What the checks of one world have found. The first finding ends it: what follows may be its consequence. */
export class Findings {
  readonly #findings: Finding[] = [];

  get first(): Finding | undefined {
    return this.#findings[0];
  }

  add(rule: string, message: string): void {
    this.#findings.push({ rule, message });
  }

  /** Notes a finding unless `holds`. */
  expect(holds: boolean, rule: string, message: () => string): void {
    if (!holds) this.add(rule, message());
  }
}
