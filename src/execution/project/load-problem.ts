import { basename, dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { closestName } from "../../core/closest-name.ts";
import type { SourceLocation } from "../../core/manifest.ts";
import { PROBLEMS, type ProblemCode } from "../../core/problem.ts";
import { codeFrame } from "./code-frame.ts";
import { type ErrorPlaces, placeOfError, placeOfImport, placeOfSyntaxError } from "./error-place.ts";
import { isInside, relativeLocation } from "./graph-hash.ts";
import type { ProjectProblem } from "./problem.ts";

/** What the loader knows of the file whose import has failed. */
export interface LoadContext extends ErrorPlaces {
  readonly projectDir: string;
  /** The pipeline file, relative to the project folder. */
  readonly file: string;
  /** JavaScript files of the project, in which V8 does not say where a syntax error is. */
  readonly javaScriptFiles: readonly string[];
}

/** Turns what a pipeline file threw while it was loaded into a problem: what, where, and how to mend it. */
export function loadProblem(thrown: unknown, context: LoadContext): ProjectProblem {
  const finding = diagnose(thrown, context);
  const location = finding.location ?? { file: context.file, line: 1 };
  const frame = frameOf(location, context);
  return {
    severity: "error",
    code: finding.code ?? "load_failed",
    message: withoutPaths(finding.message, context),
    file: context.file,
    location,
    ...(frame === undefined ? {} : { codeFrame: frame }),
    ...(finding.hint === undefined ? {} : { hint: withoutPaths(finding.hint, context) }),
  };
}

/** Stands for a call of `process.exit()` in user code, with the stack that leads to it. */
export class ProcessExit extends Error {
  constructor(code: unknown) {
    super(`process.exit(${code === undefined ? "" : String(code)}) is called while the file is loaded.`);
    this.name = "ProcessExit";
  }
}

interface Finding {
  readonly code?: ProblemCode;
  readonly message: string;
  readonly location?: SourceLocation | undefined;
  readonly hint?: string | undefined;
}

function diagnose(thrown: unknown, context: LoadContext): Finding {
  if (!(thrown instanceof Error)) return thrownValue(thrown);
  if (thrown.name === "BatutaError") return ownError(thrown, context);
  const location = placeOfError(thrown, context);
  if (thrown instanceof ProcessExit) return { message: thrown.message, location, hint: EXIT_HINT };
  switch (codeOf(thrown)) {
    case "ERR_UNSUPPORTED_TYPESCRIPT_SYNTAX":
      return unsupportedTypeScript(thrown, location);
    case "ERR_INVALID_TYPESCRIPT_SYNTAX":
      return { message: `Syntax error: ${thrown.message}.`, location, hint: SYNTAX_HINT };
    case "ERR_MODULE_NOT_FOUND":
      return moduleNotFound(thrown, context);
    case "ERR_IMPORT_ATTRIBUTE_MISSING":
      return attributeMissing(thrown, context);
    case "ERR_UNSUPPORTED_NODE_MODULES_TYPE_STRIPPING":
      return { message: `A package is not compiled to JavaScript: ${thrown.message}.`, location };
    default:
      return withoutCode(thrown, location, context);
  }
}

function withoutCode(thrown: Error, location: SourceLocation | undefined, context: LoadContext): Finding {
  if (thrown instanceof SyntaxError) return syntaxError(thrown, location, context);
  return temporalDeadZone(thrown, location) ?? ordinaryThrow(thrown, location);
}

const EXIT_HINT = "Leave the process alone: a pipeline file only says what there is to do.";
const SYNTAX_HINT = "Mend the line; an editor with TypeScript shows the same mistake.";
const THROW_HINT = "Mend it there. Work that may fail belongs into a task, where a failure is retried and recorded.";

function thrownValue(thrown: unknown): Finding {
  const shown = typeof thrown === "string" ? JSON.stringify(thrown) : String(thrown);
  return {
    message: `The file throws ${shown} while it is loaded.`,
    hint: "Throw an Error in its place: it remembers where it was made.",
  };
}

/** Errors of Batuta come from the user's own copy of the package, so they are known by name and shape. */
function ownError(error: Error, { rootDir }: LoadContext): Finding {
  const code = codeOf(error);
  const known = code !== undefined && isProblemCode(code) ? { code } : {};
  const location = "location" in error && isLocation(error.location) ? error.location : undefined;
  const place = location === undefined ? undefined : relativeLocation(location, rootDir);
  const hint = "hint" in error && typeof error.hint === "string" ? error.hint : undefined;
  return {
    ...known,
    message: error.message,
    location: place !== undefined && isInside(place) ? place : placeOfError(error, { rootDir, files: NO_FILES }),
    hint,
  };
}

const NO_FILES = { readText: () => "", exists: () => false, list: () => [] };

/** Constructs that are more than types, with what to write in their place. */
const TYPESCRIPT_FIXES = [
  ["enum", 'a constant object: const Color = { red: "red" } as const; type Color = keyof typeof Color'],
  ["namespace", "a module of its own, with `export` before what others use"],
  ["parameter property", "a field, set in the constructor: readonly x: number; constructor(x: number) { this.x = x; }"],
  ["import equals", 'an import declaration: import fs from "node:fs"'],
  ["export assignment", "export default"],
  ["type assertion", "`value as Type`"],
] as const;

function unsupportedTypeScript(error: Error, location: SourceLocation | undefined): Finding {
  const construct = /^TypeScript (.+?) is not supported/.exec(error.message)?.[1] ?? "this construct";
  const fix = TYPESCRIPT_FIXES.find(([name]) => construct.includes(name))?.[1];
  return {
    message: `TypeScript's ${construct} needs a compiler; pipeline files run as they are, with their types taken away.`,
    location,
    hint: fix === undefined ? "Write it in JavaScript with types." : `Write ${fix}.`,
  };
}

function syntaxError(error: Error, location: SourceLocation | undefined, context: LoadContext): Finding {
  const missing = /^The requested module '(.+)' does not provide an export named '(.+)'$/.exec(error.message);
  if (missing !== null) {
    const hint = "Check the spelling; a type is imported with `import type`.";
    return { message: `"${missing[1]}" exports no \`${missing[2]}\`.`, location, hint };
  }
  const candidates = [context.file, ...context.javaScriptFiles].filter((file) => /\.[mc]?js$/.test(file));
  const place = location ?? placeOfSyntaxError(candidates, context);
  return { message: `Syntax error: ${error.message}.`, location: place, hint: SYNTAX_HINT };
}

/** `const` is not there before its line: the usual way to use a task before it is defined. */
function temporalDeadZone(error: Error, location: SourceLocation | undefined): Finding | undefined {
  const name = /^Cannot access '(.+)' before initialization$/.exec(error.message)?.[1];
  if (name === undefined) return undefined;
  return {
    code: "invalid_definition",
    message: `\`${name}\` is used before it is defined.`,
    location,
    hint: `Move the definition of \`${name}\` above this line; for order alone, \`after\` also takes names: after: ["${name}"].`,
  };
}

function ordinaryThrow(error: Error, location: SourceLocation | undefined): Finding {
  const message = `The file throws while it is loaded: ${error.name}: ${error.message}`;
  return { message, location, hint: THROW_HINT };
}

function attributeMissing(error: Error, context: LoadContext): Finding {
  const url = /^Module "(.+)" needs an import attribute of "type: (.+)"$/.exec(error.message);
  const name = basename(url?.[1] ?? "");
  const importer = join(context.rootDir, context.file);
  const location = placeOfImport(importer, (specifier) => basename(specifier) === name, context);
  return {
    message: `The import of ${name} does not say that it is JSON.`,
    location,
    hint: `Write import data from "./${name}" with { type: "json" }.`,
  };
}

function moduleNotFound(error: Error, context: LoadContext): Finding {
  const match = /^Cannot find (package|module) '(.+?)' imported from (.+)$/.exec(error.message);
  const [, what, wanted = "", importer = ""] = match ?? [];
  if (what === undefined) return ordinaryThrow(error, placeOfError(error, context));
  if (what === "package") return packageNotFound(wanted, importer, context);
  const path = "url" in error && typeof error.url === "string" ? fileURLToPath(error.url) : wanted;
  const location = placeOfImport(
    importer,
    (specifier) => specifier.startsWith(".") && join(dirname(importer), specifier) === path,
    context,
  );
  const shown = location?.specifier ?? path;
  return { message: `Cannot find "${shown}".`, location, hint: missingFileHint(path, shown, context) };
}

function packageNotFound(name: string, importer: string, context: LoadContext): Finding {
  const isMeant = (specifier: string): boolean => specifier === name || specifier.startsWith(`${name}/`);
  return {
    message: `Cannot find package "${name}".`,
    location: placeOfImport(importer, isMeant, context),
    hint: `Install it in the project folder: npm install ${name}`,
  };
}

function missingFileHint(path: string, shown: string, { rootDir, projectDir, files }: LoadContext): string {
  const inside = relative(rootDir, path);
  if (inside.startsWith("..")) {
    return "Imports stay within the project folder, which is kept as a whole with each version: move the file into it.";
  }
  const extension = [".ts", ".mts", ".js", ".mjs", "/index.ts", "/index.js"].find((end) => files.exists(path + end));
  if (extension !== undefined) return `Imports name the whole file: write "${shown}${extension}".`;
  if (files.exists(join(projectDir, inside))) {
    return "The file is there, but files of this kind or in this folder are no sources of the project and are not kept.";
  }
  const names = files.list(dirname(path)).map((entry) => entry.name);
  const near = closestName(basename(path), names);
  return near === undefined ? "Check the path." : `Did you mean "${shown.slice(0, -basename(path).length)}${near}"?`;
}

function frameOf(location: SourceLocation, { rootDir, files }: LoadContext): string | undefined {
  const path = join(rootDir, location.file);
  return files.exists(path) ? codeFrame(files.readText(path), location) : undefined;
}

/** Sources are loaded from a folder of their version; people know them by their place in the project. */
function withoutPaths(text: string, { rootDir }: LoadContext): string {
  return text.replaceAll(`file://${rootDir}/`, "").replaceAll(`${rootDir}/`, "");
}

function codeOf(error: Error): string | undefined {
  return "code" in error && typeof error.code === "string" ? error.code : undefined;
}

function isProblemCode(code: string): code is ProblemCode {
  return code in PROBLEMS;
}

function isLocation(value: unknown): value is SourceLocation {
  return typeof value === "object" && value !== null && "file" in value && "line" in value;
}
