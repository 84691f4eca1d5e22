import * as fs from "node:fs/promises";
import { dirname, join } from "node:path";
import { BatutaError } from "../core/problem.ts";

export interface FoundPath {
  readonly path: string;
  readonly size: number;
  readonly modifiedMs: number;
}

export interface FindLimits {
  /** Files that match. */
  readonly filesMax: number;
  /** Files and folders that are looked at. */
  readonly entriesMax: number;
  readonly signal: AbortSignal;
}

const STATS_AT_ONCE = 50;

export interface FoundPaths {
  /** By path. */
  readonly files: readonly FoundPath[];
  /** The folder that the pattern begins with, when there is none. */
  readonly missingFolder?: string;
}

/**
 * Files that match an absolute pattern. Throws `usage` when the folder that the pattern begins with cannot be read, which
 * Node's own search passes over in silence, and beyond the limits.
 */
export async function findFiles(pattern: string, limits: FindLimits): Promise<FoundPaths> {
  const folder = folderOf(pattern);
  if (!(await isThere(folder))) return { files: [], missingFolder: folder };
  const paths = await matching(pattern, limits);
  const found: FoundPath[] = [];
  for (let at = 0; at < paths.length; at += STATS_AT_ONCE) {
    limits.signal.throwIfAborted();
    found.push(...(await Promise.all(paths.slice(at, at + STATS_AT_ONCE).map(statOf))).flat());
  }
  return { files: found };
}

async function matching(pattern: string, { filesMax, entriesMax, signal }: FindLimits): Promise<readonly string[]> {
  const paths: string[] = [];
  let entries = 0;
  const exclude = (): boolean => {
    signal.throwIfAborted();
    entries += 1;
    if (entries > entriesMax) throw tooMany("files and folders to look through", entriesMax);
    return false;
  };
  for await (const path of fs.glob(pattern, { exclude })) {
    if (paths.length >= filesMax) throw tooMany("files that match", filesMax);
    paths.push(path);
  }
  return paths.sort();
}

/** What vanishes meanwhile, and what is no file, is not there. */
async function statOf(path: string): Promise<readonly FoundPath[]> {
  try {
    const stat = await fs.stat(path);
    return stat.isFile() ? [{ path, size: stat.size, modifiedMs: stat.mtimeMs }] : [];
  } catch {
    return [];
  }
}

/** Throws what says why it cannot be read. */
async function isThere(folder: string): Promise<boolean> {
  try {
    const handle = await fs.opendir(folder);
    await handle.close();
    return true;
  } catch (error) {
    const code = error instanceof Error && "code" in error ? error.code : undefined;
    if (code === "ENOENT") return false;
    throw unreadable(folder, code === "ENOTDIR" ? "it is no folder" : messageOf(error));
  }
}

/** The part of the path in which nothing stands for anything else. */
function folderOf(pattern: string): string {
  const names = pattern.split("/");
  const magic = names.findIndex((name) => MAGIC.test(name));
  return magic < 0 ? dirname(pattern) : join("/", ...names.slice(0, magic));
}

const MAGIC = /[*?{[]/;

function unreadable(folder: string, reason: string): BatutaError {
  return new BatutaError("usage", `The folder ${folder} cannot be read: ${reason}.`, {
    hint: "Correct the pattern, or give whoever runs Batuta the right to read it.",
  });
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function tooMany(what: string, max: number): BatutaError {
  return new BatutaError("usage", `There are more than ${max.toLocaleString("en")} ${what}.`, {
    hint: "Move away what was taken, or narrow the pattern.",
  });
}
