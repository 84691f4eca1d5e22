import { stripTypeScriptTypes } from "node:module";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import type { SourceLocation } from "../../core/manifest.ts";
import type { Files } from "../../ports/files.ts";
import { relativeLocation } from "./graph-hash.ts";

/** Where in the sources of a version an error of user code has happened, as well as it can be told. */
export interface ErrorPlaces {
  readonly rootDir: string;
  readonly files: Pick<Files, "readText" | "exists" | "list">;
}

/**
 * Node prints a syntax or link error with the place and the line above the stack:
 * `file:///p/x.ts:2\nconst b = = 2;\n          ^`; the caret tells the column.
 */
const HEADER = /^(file:\/\/[^\n]+?|\/[^\n]+?)?:(\d+)\n/;
const CARET = /^([ \t]*)\^+$/m;

const FRAME = /(?:\(|at (?:async )?)(file:\/\/[^\s()]+?|\/[^\s()]+?)(?:\?[^\s():]*)?:(\d+):(\d+)\)?$/;

/** The first place in the error's header or stack that lies among the user's own sources. */
export function placeOfError(error: Error, { rootDir }: ErrorPlaces): SourceLocation | undefined {
  const stack = error.stack ?? "";
  const header = placeInHeader(stack);
  const place = header === undefined ? undefined : ownPlace(header, rootDir);
  if (place !== undefined) return place;
  for (const line of stack.split("\n")) {
    const [, file, row, column] = FRAME.exec(line) ?? [];
    if (file === undefined) continue;
    const framePlace = ownPlace({ file, line: Number(row), column: Number(column) }, rootDir);
    if (framePlace !== undefined) return framePlace;
  }
  return undefined;
}

/**
 * V8 does not say where a JavaScript module is wrong. TypeScript's parser reads JavaScript too and does, so the given
 * files are shown to it one by one.
 */
export function placeOfSyntaxError(candidates: readonly string[], places: ErrorPlaces): SourceLocation | undefined {
  for (const file of candidates) {
    const path = join(places.rootDir, file);
    try {
      stripTypeScriptTypes(places.files.readText(path), { mode: "strip", sourceUrl: path });
    } catch (error) {
      const found = error instanceof Error ? placeInHeader(error.stack ?? "") : undefined;
      if (found !== undefined) return { ...found, file };
    }
  }
  return undefined;
}

/** The place of an import in its file, found by what its quotes hold. */
export function placeOfImport(
  importer: string,
  isMeant: (specifier: string) => boolean,
  { rootDir, files }: ErrorPlaces,
): (SourceLocation & { readonly specifier: string }) | undefined {
  const path = importer.startsWith("file:") ? fileURLToPath(importer) : importer;
  const place = ownPlace({ file: path, line: 1 }, rootDir);
  if (place === undefined || !files.exists(path)) return undefined;
  for (const [index, text] of files.readText(path).split("\n").entries()) {
    for (const match of text.matchAll(/(["'])([^"'\n]+)\1/g)) {
      const specifier = match[2] ?? "";
      if (isMeant(specifier)) return { file: place.file, line: index + 1, column: match.index + 1, specifier };
    }
  }
  return undefined;
}

function ownPlace(location: SourceLocation, rootDir: string): SourceLocation | undefined {
  const place = relativeLocation(location, rootDir);
  const own = !place.file.startsWith("/") && !place.file.startsWith("node_modules/");
  return own ? place : undefined;
}

function placeInHeader(stack: string): SourceLocation | undefined {
  const header = HEADER.exec(stack);
  if (header === null) return undefined;
  const caret = CARET.exec(stack.slice(0, Math.max(0, stack.indexOf("\n    at "))));
  const column = caret?.[1] === undefined ? {} : { column: caret[1].length + 1 };
  return { file: header[1] ?? "", line: Number(header[2]), ...column };
}
