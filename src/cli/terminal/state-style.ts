import type { RunState, TaskRunState } from "../../core/state.ts";
import type { Colors } from "./output.ts";

export type AnyState = TaskRunState | RunState;

/** The one character that stands for a state, with and without colour. */
export function stateIcon(state: AnyState): string {
  return STYLES[state].icon;
}

/** Paints a text in the colour of a state. */
export function paintState(colors: Colors, state: AnyState, text: string): string {
  return colors[STYLES[state].color](text);
}

export function stateLabel(state: AnyState): string {
  return state.replaceAll("_", " ");
}

interface StateStyle {
  readonly icon: string;
  readonly color: "green" | "red" | "yellow" | "cyan" | "blue" | "magenta" | "dim";
}

/** Icons differ in shape too, so that they can be told apart without colour. */
const STYLES: Record<AnyState, StateStyle> = {
  scheduled: { icon: "·", color: "dim" },
  queued: { icon: "○", color: "blue" },
  running: { icon: "●", color: "cyan" },
  retrying: { icon: "↻", color: "yellow" },
  deferred: { icon: "◔", color: "blue" },
  success: { icon: "✔", color: "green" },
  failed: { icon: "✖", color: "red" },
  upstream_failed: { icon: "▽", color: "red" },
  skipped: { icon: "↷", color: "dim" },
  cancelled: { icon: "■", color: "magenta" },
  cancelling: { icon: "□", color: "magenta" },
  removed: { icon: "-", color: "dim" },
};
