import { BatutaError } from "./problem.ts";
import type { SourceLocation } from "./source-location.ts";

export type NamedThing = "pipeline" | "task" | "group";

const NAME_LENGTH_MAX = 200;

const FIRST = /^[A-Za-z_]$/;
const OTHER = /^[A-Za-z0-9_.-]$/;

/**
 * Throws `invalid_definition` unless the name begins with a letter or `_` and goes on with letters, digits, `_`, `.` and
 * `-`, at most 200 in all. The name of a pipeline may have folders, each of that form: `finance/daily`.
 */
export function checkName(what: NamedThing, name: string, location?: SourceLocation): void {
  const fault = faultOf(what, name);
  if (fault === undefined) return;
  const hint =
    what === "pipeline"
      ? "Use letters, digits, _, . and -, beginning with a letter; folders are separated by /, as in finance/daily."
      : "Use letters, digits, _, . and -, beginning with a letter.";
  throw new BatutaError("invalid_definition", `The ${what} name ${shown(name)} ${fault}.`, {
    hint,
    ...(location === undefined ? {} : { location }),
  });
}

function faultOf(what: NamedThing, name: unknown): string | undefined {
  if (typeof name !== "string") return "is not text";
  if (name === "") return "is empty";
  if (name.length > NAME_LENGTH_MAX) return `has ${name.length} characters; ${NAME_LENGTH_MAX} are allowed`;
  const folders = what === "pipeline" ? name.split("/") : [name];
  let position = 1;
  for (const folder of folders) {
    const fault = folderFault(folder, position);
    if (fault !== undefined) return fault;
    position += folder.length + 1;
  }
  return undefined;
}

function folderFault(folder: string, start: number): string | undefined {
  if (folder === "") return "has an empty folder between its slashes";
  let position = start;
  for (const character of folder) {
    const allowed = position === start ? FIRST : OTHER;
    if (!allowed.test(character)) {
      const where = position === 1 ? "begins with" : `has at position ${position}`;
      return `${where} ${characterName(character)}, which is not allowed there`;
    }
    position += character.length;
  }
  return undefined;
}

function characterName(character: string): string {
  if (character === " ") return "a space";
  const printable = /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(character);
  const code = `U+${(character.codePointAt(0) ?? 0).toString(16).toUpperCase().padStart(4, "0")}`;
  return printable ? `"${character}"` : `the character ${code}`;
}

function shown(name: unknown): string {
  if (typeof name !== "string") return String(name);
  return JSON.stringify(name.length > 60 ? `${name.slice(0, 60)}…` : name);
}
