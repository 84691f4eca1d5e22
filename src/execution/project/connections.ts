import { isAbsolute, join } from "node:path";
import { closestName } from "../../core/closest-name.ts";
import { BatutaError } from "../../core/problem.ts";
import { type ProjectSettings, SETTINGS_FILE } from "./settings.ts";

export interface ConnectionSources {
  readonly settings: Pick<ProjectSettings, "connections">;
  /** Files of databases lie relative to it. */
  readonly projectDir: string;
  readonly env: Readonly<Record<string, string | undefined>>;
}

/**
 * URL of a connection: the environment variable `BATUTA_CONNECTION_<NAME>` wins over `batuta.json`, in which `$NAME`
 * stands for an environment variable. Throws `not_found` with both ways to give it.
 */
export function resolveConnection(name: string, { settings, projectDir, env }: ConnectionSources): string {
  const variable = connectionVariable(name);
  const given = env[variable] ?? fromSettings(name, settings, env);
  if (given !== undefined) return withAbsolutePath(given, projectDir);
  const meant = closestName(name, Object.keys(settings.connections));
  const didYouMean = meant === undefined ? "" : `Did you mean "${meant}"? Otherwise give it: `;
  throw new BatutaError("not_found", `Connection "${name}" is not configured.`, {
    hint: `${didYouMean}set ${variable}, or write "connections": { "${name}": "duckdb:${name}.duckdb" } in ${SETTINGS_FILE}.`,
  });
}

/** Every connection that some task needs. */
export function resolveConnections(names: readonly string[], sources: ConnectionSources): Record<string, string> {
  return Object.fromEntries(names.map((name) => [name, resolveConnection(name, sources)]));
}

/** `my-warehouse` is read from `BATUTA_CONNECTION_MY_WAREHOUSE`. */
function connectionVariable(name: string): string {
  return `BATUTA_CONNECTION_${name.toUpperCase().replaceAll("-", "_")}`;
}

function fromSettings(
  name: string,
  settings: Pick<ProjectSettings, "connections">,
  env: ConnectionSources["env"],
): string | undefined {
  const written = Object.hasOwn(settings.connections, name) ? settings.connections[name] : undefined;
  if (written === undefined || !written.startsWith("$")) return written;
  const reference = written.slice(1).replace(/^\{(.*)\}$/, "$1");
  const value = env[reference];
  if (value !== undefined) return value;
  throw new BatutaError("not_found", `Connection "${name}" is ${written}, but that variable is not set.`, {
    hint: `Set ${reference}, or ${connectionVariable(name)}.`,
  });
}

/** `duckdb:warehouse.duckdb` and `sqlite:data/app.db` name files of the project folder. */
function withAbsolutePath(url: string, projectDir: string): string {
  const [, scheme, path] = /^(duckdb|sqlite):(.*)$/s.exec(url) ?? [];
  if (scheme === undefined || path === undefined || path === ":memory:" || isAbsolute(path)) return url;
  return `${scheme}:${join(projectDir, path)}`;
}
