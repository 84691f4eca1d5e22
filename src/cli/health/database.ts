import { formatDuration } from "../../core/duration.ts";
import { sessionMarker } from "../../execution/session-watchdog.ts";
import type { Clock } from "../../ports/clock.ts";
import { localProcessTable } from "../../ports/processes.ts";
import type { SessionRecord, Store } from "../../store/store.ts";
import { hostProcesses } from "../host-processes.ts";
import { counted } from "../terminal/counted.ts";
import type { Finding } from "./finding.ts";

/** The database answers, and its tables are those of this Batuta (the caller has migrated it). */
export async function checkDatabase(clock: Clock, store: Store, where: string): Promise<Finding> {
  const begun = clock.mono();
  await store.now();
  const message = `${where} answers in ${formatDuration(clock.mono() - begun)}; its tables are up to date`;
  return { about: "database", level: "ok", message };
}

/** Commands that were killed: what they executed waits to be taken up, and what they started may still run. */
export async function checkSessions(clock: Clock, store: Store): Promise<readonly Finding[]> {
  const sessions = await store.sessions();
  const processes = hostProcesses(clock);
  const dead = sessions.filter((session) => processes.stateOf(session.process) === "gone");
  return [sessionsFinding(sessions, dead), leftOversFinding(dead)];
}

function sessionsFinding(sessions: readonly SessionRecord[], dead: readonly SessionRecord[]): Finding {
  const alive = sessions.length - dead.length;
  if (dead.length === 0) return { about: "sessions", level: "ok", message: `${counted(alive, "command")} at work` };
  const pids = dead.map((session) => session.process.pid).join(", ");
  return {
    about: "sessions",
    level: "warn",
    message: `${counted(dead.length, "command")} ended without a word (pid ${pids})`,
    remedy: "Start the same batuta run again: it goes on where it stopped. batuta runs --state running lists them.",
  };
}

function leftOversFinding(dead: readonly SessionRecord[]): Finding {
  const left = dead.flatMap(({ id }) => localProcessTable.marked(sessionMarker(id)));
  if (left.length === 0) return { about: "processes", level: "ok", message: "nothing is left over from earlier runs" };
  return {
    about: "processes",
    level: "warn",
    message: `${counted(left.length, "process")} left over from earlier runs: pid ${left.map(({ pid }) => pid).join(", ")}`,
    remedy: "The next batuta run ends them; or end them now with kill.",
  };
}
