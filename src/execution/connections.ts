import type { Failure } from "../core/failure.ts";
import type { TaskSpec } from "../core/manifest.ts";

export type ResolvedConnections =
  | { readonly ok: true; readonly settings: Readonly<Record<string, string>> }
  | { readonly ok: false; readonly failure: Failure };

/** The settings of the connections that a task declares, or why it cannot start without them. */
export function connectionsOf(
  { name, connections }: TaskSpec,
  lookUp: (name: string) => string | undefined,
): ResolvedConnections {
  if (connections.length === 0) return NONE;
  const settings: Record<string, string> = {};
  for (const connection of connections) {
    const found = lookUp(connection);
    if (found === undefined) return { ok: false, failure: missing(name, connection) };
    settings[connection] = found;
  }
  return { ok: true, settings };
}

const NONE: ResolvedConnections = { ok: true, settings: {} };

function missing(task: string, connection: string): Failure {
  return {
    reason: "cannot_start",
    message: `Task "${task}" needs the connection "${connection}", which has no settings here.`,
    hint: `Set it in the environment: ${connectionVariable(connection)}=…`,
  };
}

/** The environment variable that holds the settings of a connection: `my-db` is in `BATUTA_CONNECTION_MY_DB`. */
export function connectionVariable(name: string): string {
  return `BATUTA_CONNECTION_${name.replaceAll(/[^A-Za-z0-9]/g, "_").toUpperCase()}`;
}
