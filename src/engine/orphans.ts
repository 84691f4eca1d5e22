import type { BackfillRecord } from "../store/backfill-records.ts";
import type { RunRecord, SessionId, SessionRecord, Store } from "../store/store.ts";
import type { OwnerProcesses } from "./owner-processes.ts";

const CANDIDATES_MAX = 100;

/**
 * The newest unfinished run of the same request that no living session executes: what a killed `batuta run` has left.
 * Undefined when there is none.
 */
export async function findOrphan(
  store: Pick<Store, "runs" | "sessions" | "now">,
  processes: Pick<OwnerProcesses, "stateOf">,
  requestKey: string,
): Promise<RunRecord | undefined> {
  const unfinished = await store.runs({
    requestKey,
    states: ["queued", "running", "cancelling"],
    limit: CANDIDATES_MAX,
  });
  if (unfinished.length === 0) return undefined;
  const now = await store.now();
  const living = (await store.sessions()).filter((session) => isLiving(session, processes, now));
  return unfinished.find((run) => !living.some((session) => executes(session, run)));
}

/**
 * The living session that owns the project's store, if there is one: `batuta run` is then its client. Of two servers that
 * start at the same time the one that was first is it: for the other, `before` names its own session.
 */
export async function findServer(
  store: Pick<Store, "sessions" | "now">,
  processes: Pick<OwnerProcesses, "stateOf">,
  project: string,
  before?: SessionId,
): Promise<SessionRecord | undefined> {
  const now = await store.now();
  const servers = (await store.sessions()).filter(
    ({ id, role, project: own }) => role === "server" && own === project && (before === undefined || id < before),
  );
  return servers.find((session) => isLiving(session, processes, now));
}

/** The living session that works on a backfill, if there is one. */
export async function findBackfiller(
  store: Pick<Store, "sessions" | "now">,
  processes: Pick<OwnerProcesses, "stateOf">,
  { project, id }: Pick<BackfillRecord, "project" | "id">,
): Promise<SessionRecord | undefined> {
  const now = await store.now();
  const sessions = await store.sessions();
  return sessions.find(
    (session) =>
      (session.backfill === id || (session.runs === null && session.project === project)) &&
      isLiving(session, processes, now),
  );
}

/** The living session that executes a run, if there is one. */
export async function findExecutor(
  store: Pick<Store, "sessions" | "now">,
  processes: Pick<OwnerProcesses, "stateOf">,
  run: RunRecord,
): Promise<SessionRecord | undefined> {
  const now = await store.now();
  const sessions = await store.sessions();
  return sessions.find((session) => executes(session, run) && isLiving(session, processes, now));
}

function isLiving(session: SessionRecord, processes: Pick<OwnerProcesses, "stateOf">, now: number): boolean {
  const state = processes.stateOf(session.process);
  if (state !== "elsewhere") return state === "alive";
  return now - session.renewedAt < session.leaseMs;
}

function executes(session: SessionRecord, run: RunRecord): boolean {
  const { parent } = run;
  if (session.backfill !== undefined && session.backfill === run.backfill) return true;
  if (session.runs !== null) {
    return [run.id, parent?.runId, parent?.root].some((id) => id !== undefined && session.runs?.includes(id));
  }
  return session.project === run.project;
}
