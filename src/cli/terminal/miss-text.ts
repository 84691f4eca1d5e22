import type { MissedDeadline, MissedFacts } from "../../store/deadline-store.ts";
import { formatInstant } from "./instant-text.ts";
import type { Output } from "./output.ts";
import { oneLine } from "./text-width.ts";

/** A miss in a few words: `late (by 08:00)`, of a task `load late (within 2 h)`. */
export function shortMiss({ task, deadline }: Pick<MissedFacts, "task" | "deadline">): string {
  return `${task === undefined ? "" : `${task} `}late (${deadline})`;
}

/** A miss with when it should have been, and what it waited for; one line. */
function missLine(miss: MissedDeadline, { colors }: Pick<Output, "colors">): string {
  const due = `due ${formatInstant(miss.dueAt)}`;
  const waited = miss.waitsFor.length === 0 ? "" : `: ${oneLine(miss.waitsFor.join("; "))}`;
  return `${colors.yellow(`! ${shortMiss(miss)}`)}, ${due}${waited}`;
}

/** The misses of a run as lines to go under its title; nothing where it missed none. */
export function missLines(misses: readonly MissedDeadline[], output: Pick<Output, "colors">): readonly string[] {
  const shown = misses.slice(0, SHOWN_MAX).map((miss) => missLine(miss, output));
  return misses.length > SHOWN_MAX ? [...shown, `… and ${misses.length - SHOWN_MAX} more (--json tells all)`] : shown;
}

const SHOWN_MAX = 10;
