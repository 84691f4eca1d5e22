import type { OwnerProcesses } from "../engine/owner-processes.ts";
import { sessionMarker } from "../execution/session-watchdog.ts";
import type { Clock } from "../ports/clock.ts";
import { killMarked, stateOfProcess } from "../ports/processes.ts";

/** The processes of this host, as the engine asks about them. */
export function hostProcesses(clock: Clock): OwnerProcesses {
  return {
    stateOf: (process) => stateOfProcess(process),
    endLeftOvers: async (session) => {
      await killMarked(sessionMarker(session.id), clock);
    },
  };
}
