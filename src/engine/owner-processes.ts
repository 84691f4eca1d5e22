import type { ProcessIdentity, SessionRecord } from "../store/store.ts";

/** What the engine asks of the host about the processes of other sessions. */
export interface OwnerProcesses {
  /** `alive` or `gone` for a process of this host, `elsewhere` when its pid means nothing here. */
  stateOf(process: ProcessIdentity): "alive" | "gone" | "elsewhere";
  /** Ends every process that a dead session of this host has left behind; resolves when none is left. */
  endLeftOvers(session: SessionRecord): Promise<void>;
}
