import type { Claim, Completion, CompletionResult, ExchangeResult } from "../../../store/store.ts";
import type { Findings } from "../findings.ts";

/** An attempt that has ended, as its event tells it. */
export interface EndedAttempt {
  readonly taskRunKey: number;
  readonly token: number;
  readonly to: string;
  /** Of its row. */
  readonly outcome: string | null;
  readonly actor: string | undefined;
}

/** What a report may make of an attempt; one that was to stop ends as cancelled whatever it reported. */
const ENDS: Readonly<Record<CompletionResult["kind"], readonly string[]>> = {
  success: ["success", "cancelled"],
  skipped: ["skipped", "cancelled"],
  failed: ["failed", "cancelled"],
  retrying: ["retrying", "cancelled"],
  deferred: ["deferred", "cancelled"],
  cancelled: ["cancelled"],
  lost: ["retrying", "failed", "cancelled"],
};

/**
 * What workers were told, against what became of it. A report that was accepted has ended the attempt it was about, and
 * no other has; one that came too late has changed nothing.
 */
export class Answers {
  readonly #findings: Findings;
  /** By attempt: the report that was accepted. */
  readonly #accepted = new Map<string, CompletionResult["kind"]>();
  readonly #claimed = new Set<string>();

  constructor(findings: Findings) {
    this.#findings = findings;
  }

  note(completions: readonly Completion[], { completions: verdicts, claims }: ExchangeResult): void {
    for (const [index, completion] of completions.entries()) {
      if (verdicts[index] === "accepted") this.#accept(completion);
    }
    for (const claim of claims) this.#claim(claim);
  }

  /** I02, I04, I08: every end of an attempt is the one report that was accepted, or somebody else's doing. */
  compare(ended: readonly EndedAttempt[]): void {
    const ends = new Map<string, EndedAttempt>();
    for (const end of ended) {
      this.#findings.expect(!ends.has(nameOf(end)), "I04", () => `attempt ${nameOf(end)} ends twice`);
      ends.set(nameOf(end), end);
      const isReport = end.actor === undefined && end.outcome !== "lost";
      this.#findings.expect(
        !isReport || this.#accepted.has(nameOf(end)),
        "I02",
        () => `attempt ${nameOf(end)} became ${end.to} though no report about it was accepted`,
      );
    }
    for (const [name, kind] of this.#accepted) {
      const end = ends.get(name);
      const isMade = end !== undefined && end.outcome !== "lost" && (end.actor === undefined || end.to === "cancelled");
      this.#findings.expect(
        isMade && ENDS[kind].includes(end.to),
        "I02",
        () => `a report of ${kind} about attempt ${name} was accepted, but it ${said(end)}`,
      );
    }
  }

  #accept(completion: Completion): void {
    const name = nameOf(completion);
    this.#findings.expect(!this.#accepted.has(name), "I04", () => `two reports about attempt ${name} were accepted`);
    this.#accepted.set(name, completion.result.kind);
  }

  #claim(claim: Claim): void {
    const name = nameOf(claim);
    this.#findings.expect(!this.#claimed.has(name), "I01", () => `attempt ${name} was given to two workers`);
    this.#claimed.add(name);
  }
}

function said(end: EndedAttempt | undefined): string {
  if (end === undefined) return "has not ended";
  return `became ${end.to}, as ${end.outcome}, by ${end.actor ?? "nobody"}`;
}

function nameOf({ taskRunKey, token }: { readonly taskRunKey: number; readonly token: number }): string {
  return `${taskRunKey}/${token}`;
}
