import { stopVerb } from "../stop-verb.ts";

export const cancel = stopVerb({
  how: "cancel",
  description: "Stop a run, or tasks of it, whichever process executes it, and wait until the run has ended.",
  examples:
    "What runs is asked to end, and killed after its grace time; tear-downs of what has begun still run.\n\nExamples:\n  batuta cancel latest\n  batuta cancel hello --no-wait\n  batuta cancel hello load --dry-run",
});
