import { isAbsolute, relative, resolve } from "node:path";
import { formatDuration } from "../../core/duration.ts";
import type { Json } from "../../core/json.ts";
import type { NotYet } from "../../core/sensors/not-yet.ts";
import { type Unchanged, unchangedSince } from "../../core/unchanged-since.ts";
import { sha256Hex } from "../../ports/digest.ts";
import { localFiles } from "../../ports/files.ts";
import { globFiles } from "../../ports/glob.ts";
import { notYet } from "../../sdk/not-yet.ts";
import type { HostedContext } from "./hosted-context.ts";

/** What is known of it when the pipeline file is loaded. */
export type FileConfig = { readonly path: string; readonly stableForMs: number; readonly count: number };

/**
 * A file that was found.
 *
 * @example
 * task("load", { map: orders }, ({ item }: { item: FoundFile }) => load(item.path, item.bytes));
 */
export interface FoundFile {
  /** Relative to the project folder, or absolute where the pattern was. */
  readonly path: string;
  readonly bytes: number;
  /** ISO 8601 in UTC. */
  readonly modifiedAt: string;
}

/** Files are stable that look as they did at an earlier look, `stableFor` ago or longer. */
export async function checkFiles(context: HostedContext<FileConfig>): Promise<FoundFile[] | NotYet> {
  const { config, memory } = context;
  const files = foundFiles(context);
  if (files.length < config.count) return notYet(seenOf(files, config));
  if (config.stableForMs === 0) return files;
  const print = sha256Hex(JSON.stringify(files));
  const now = context.now.getTime();
  const { since } = unchangedSince(rememberedOf(memory), print, now);
  const leftMs = since + config.stableForMs - now;
  if (leftMs <= 0) return files;
  const seen = `${countText(files.length)}, unchanged for ${formatDuration(now - since)}`;
  return notYet(seen, { memory: { print, since }, again: Math.min(leftMs, config.stableForMs) });
}

function foundFiles({ config, projectDir }: HostedContext<FileConfig>): FoundFile[] {
  const absolute = resolve(projectDir, config.path);
  const paths = MAGIC.test(config.path) ? globFiles(absolute) : [absolute];
  return paths.sort().flatMap((path) => {
    const stat = localFiles.stat(path);
    if (stat?.kind !== "file") return [];
    const shown = isAbsolute(config.path) ? path : relative(projectDir, path);
    return [{ path: shown, bytes: stat.bytes, modifiedAt: new Date(stat.modifiedMs).toISOString() }];
  });
}

function rememberedOf(memory: Json | undefined): Unchanged | undefined {
  const { print, since } = isRecord(memory) ? memory : {};
  return typeof print === "string" && typeof since === "number" ? { print, since } : undefined;
}

function isRecord(memory: Json | undefined): memory is { readonly [name: string]: Json | undefined } {
  return typeof memory === "object" && memory !== null && !Array.isArray(memory);
}

function seenOf(files: readonly FoundFile[], { path, count }: FileConfig): string {
  return count === 1 ? `nothing at ${path}` : `${countText(files.length)} of ${count} at ${path}`;
}

function countText(count: number): string {
  return `${count} file${count === 1 ? "" : "s"}`;
}

const MAGIC = /[*?{[]/;
