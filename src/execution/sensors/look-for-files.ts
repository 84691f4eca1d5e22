import { isAbsolute, relative, resolve } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import type { FileState } from "../../core/trigger/file-state.ts";
import type { Clock } from "../../ports/clock.ts";
import { sha256Hex } from "../../ports/digest.ts";
import { type FoundPath, findFiles } from "../../ports/find-files.ts";
import type { FilesAnswer, WantedFiles } from "../executor.ts";

const FILES_MAX = 10_000;
const ENTRIES_MAX = 200_000;
export const LOOK_MS_MAX = 30_000;

/** Looks once for files of a project. Never rejects. */
export async function lookForFiles(
  { glob, known }: WantedFiles,
  { projectDir, clock }: { readonly projectDir: string; readonly clock: Clock },
): Promise<FilesAnswer> {
  const controller = new AbortController();
  const timer = clock.after(LOOK_MS_MAX, () => controller.abort(tooSlow()));
  try {
    const limits = { filesMax: FILES_MAX, entriesMax: ENTRIES_MAX, signal: controller.signal };
    const { files, missingFolder } = await findFiles(resolve(projectDir, glob), limits);
    const states = files.map((file) => stateOf(file, isAbsolute(glob) ? undefined : projectDir));
    const print = sha256Hex(JSON.stringify([states, missingFolder ?? null]));
    if (print === known) return { kind: "same" };
    if (missingFolder === undefined) return { kind: "files", print, files: states };
    const message = `There is no folder ${missingFolder}, in which ${glob} is looked for.`;
    return { kind: "files", print, files: [], problem: { message, hint: "Make it, or correct the pattern." } };
  } catch (error) {
    return { kind: "refused", problem: problemOf(glob, error) };
  } finally {
    timer.cancel();
  }
}

function stateOf({ path, size, modifiedMs }: FoundPath, base: string | undefined): FileState {
  return { path: base === undefined ? path : relative(base, path), size, modifiedMs };
}

function tooSlow(): BatutaError {
  const message = `A look did not end within ${LOOK_MS_MAX / 1_000} seconds.`;
  return new BatutaError("usage", message, { hint: "Narrow the pattern, or look at the disk." });
}

function problemOf(glob: string, error: unknown) {
  const message = error instanceof Error ? error.message : String(error);
  const hint = error instanceof BatutaError ? error.hint : undefined;
  return { message: `${glob}: ${message}`, ...(hint === undefined ? {} : { hint }) };
}
