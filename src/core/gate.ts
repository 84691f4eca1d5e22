import { withoutJunction } from "./junction-name.ts";
import { isExpanded, type RunDecision } from "./run-decision.ts";
import { isFinished, type TaskRunState } from "./state.ts";

/**
 * A gate is a task run that must have let another one through before that one's rule is asked. All gates are heard
 * first, and the worst answer counts, so the order in which they finish never matters.
 */
export type GateVerdict = "wait" | "pass" | "skip" | "upstream_failed";

export interface GateView {
  readonly state: TaskRunState;
  readonly decision: RunDecision | null;
}

/** What a gate says to one of the tasks behind it (SK-1, SK-3, SU-2, GR-1). */
export function verdictOf(
  decides: "branch" | "short_circuit" | undefined,
  { state, decision }: GateView,
  dependant: number,
): GateVerdict {
  if (!isFinished(state)) return "wait";
  if (decides === "branch") return state === "success" && decision?.skips?.includes(dependant) ? "skip" : "pass";
  if (decides === "short_circuit") return state === "success" && decision?.stops ? "skip" : "pass";
  switch (state) {
    case "success":
    case "removed":
      return "pass";
    case "skipped":
      return "skip";
    default:
      return "upstream_failed";
  }
}

/**
 * What the header of a map says to the task runs of its items: they go on only while its own rule would let it start, for
 * its list, or what else it waited for, may have been cleared or marked since.
 */
export function verdictOfHeader(start: "wait" | "run" | "skip" | "upstream_failed"): GateVerdict {
  return start === "run" ? "pass" : start;
}

/** Verdict and gate, as a row keeps them: `skip:3`. Of equal verdicts the gate that comes first counts. */
export type Shut = string;

export function shutBy(verdict: "skip" | "upstream_failed", gate: number): Shut {
  return `${verdict}:${gate}`;
}

export function worseShut(one: Shut | null, other: Shut | null): Shut | null {
  if (one === null || other === null) return one ?? other;
  const left = readShut(one);
  const right = readShut(other);
  if (left.verdict !== right.verdict) return left.verdict === "upstream_failed" ? one : other;
  return left.gate <= right.gate ? one : other;
}

export function readShut(shut: Shut): { readonly verdict: "skip" | "upstream_failed"; readonly gate: number } {
  const colon = shut.indexOf(":");
  return { verdict: shut.startsWith("skip") ? "skip" : "upstream_failed", gate: Number(shut.slice(colon + 1)) };
}

/** Why a gate did not let a task through, in a few words. */
export function gateReason(
  gate: { readonly name: string; readonly decides?: "branch" | "short_circuit"; readonly role?: string },
  verdict: "skip" | "upstream_failed",
  isHeader = false,
): string {
  const name = withoutJunction(gate.name);
  if (isHeader) return verdict === "skip" ? `map: ${name} was skipped` : `map: ${name} could not start`;
  if (gate.decides === "branch") return `branch: ${name} did not choose it`;
  if (gate.decides === "short_circuit") return `short_circuit: ${name} stopped what comes after it`;
  const kind = gate.role === "setup" ? "setup" : name === gate.name ? "input" : "group";
  if (verdict === "skip") return `${kind}: ${name} was skipped`;
  return `${kind}: ${name} ${gate.name.endsWith("/start") ? "could not start" : "did not succeed"}`;
}

/** Whether the task run takes part in what is counted, or has been replaced by those of its items. */
export function stands(view: GateView): boolean {
  return !(view.state === "success" && isExpanded(view.decision));
}
