import type { Findings } from "../findings.ts";

/** Who writes: one process that runs one attempt. */
export interface Writer {
  readonly taskRunKey: number;
  readonly token: number;
  /** Different for every process that ever ran. */
  readonly process: string;
}

/**
 * A system outside of Batuta that attempts write to, guarded by the fencing token: it takes nothing that is older than
 * the newest it has seen (I03). So a token must name one process alone: two that hold the same would both get through.
 */
export class EffectLedger {
  readonly #newest = new Map<number, Writer>();
  readonly #findings: Findings;
  fenced = 0;

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  /** Answers whether the effect was taken. */
  write(writer: Writer): boolean {
    const newest = this.#newest.get(writer.taskRunKey);
    if (newest !== undefined && newest.token > writer.token) {
      this.fenced += 1;
      return false;
    }
    const isAnother = newest !== undefined && newest.token === writer.token && newest.process !== writer.process;
    this.#findings.expect(
      !isAnother,
      "I03",
      () =>
        `${newest?.process} and ${writer.process} both run task run ${writer.taskRunKey} with token ${writer.token}`,
    );
    this.#newest.set(writer.taskRunKey, writer);
    return true;
  }
}
