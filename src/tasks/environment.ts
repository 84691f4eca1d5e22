import type { SourceLocation } from "../core/manifest.ts";
import { definitionError } from "../sdk/call-site.ts";
import { describe } from "../sdk/option-values.ts";

const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;

/** Environment variables that the user gives to a process: names that every program can read, and none of our own. */
export function checkEnvironment(env: unknown, what: string, at: SourceLocation): void {
  if (env === undefined) return;
  const hint = 'Write env: { REGION: "{{ params.region }}" }.';
  if (typeof env !== "object" || env === null)
    throw definitionError(`\`env\` of ${what} is ${describe(env)}.`, at, hint);
  for (const [name, value] of Object.entries(env)) {
    if (typeof value !== "string") {
      throw definitionError(`${name} in \`env\` of ${what} is ${describe(value)}.`, at, hint);
    }
    if (!VARIABLE.test(name)) {
      throw definitionError(`${JSON.stringify(name)} in \`env\` of ${what} is no name of a variable.`, at, hint);
    }
    if (name.startsWith("BATUTA_")) {
      throw definitionError(`${name} in \`env\` of ${what}: names that begin with BATUTA_ are Batuta's own.`, at, hint);
    }
  }
}
