import { stopVerb } from "../stop-verb.ts";

export const kill = stopVerb({
  how: "kill",
  description: "Stop a run, or tasks of it, at once: without grace time, tear-downs included.",
  examples:
    "Also for a run that is being cancelled and does not end.\n\nExamples:\n  batuta kill latest\n  batuta kill hello load\n  batuta kill hello --dry-run",
});
