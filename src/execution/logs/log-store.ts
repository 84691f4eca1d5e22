import { join, sep } from "node:path";
import { BatutaError } from "../../core/problem.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { AttemptId } from "../executor.ts";
import { type AttemptLog, FileAttemptLog } from "./attempt-log.ts";
import type { LogProblem } from "./log-file.ts";
import { type LogLine, parseLogLine } from "./log-line.ts";

export const LOG_BYTES_MAX = 64 * 1024 * 1024;

const PAGE_BYTES = 1024 * 1024;

/** The logs of attempts: one file each, `<run>/<task run key>.<generation>.<attempt>.log`, made with the first line. */
export interface LogStore {
  /** For the one process that runs the attempt. */
  open(attempt: AttemptId): AttemptLog;
  /** Which attempts of a run have written something so far, by one look at the folder: most of a large map have not. */
  written(runId: string): (attempt: AttemptId) => boolean;
  /** Whole lines from a byte offset (0 = the beginning) on; call again with `nextOffset` to follow. */
  read(attempt: AttemptId, fromOffset: number): LogPage;
  /** The last lines, oldest first, and the offset from which to follow. */
  tail(attempt: AttemptId, lines: number): LogPage;
}

export interface LogPage {
  readonly lines: readonly LogLine[];
  readonly nextOffset: number;
  /** Nothing more is there at the moment. */
  readonly atEnd: boolean;
}

export interface LogStoreSettings {
  readonly folder: string;
  readonly files: Files;
  readonly clock: Clock;
  /** Size of one attempt's log; `LOG_BYTES_MAX` unless given. */
  readonly bytesMax?: number;
  readonly onProblem?: (problem: LogProblem) => void;
}

/** Logs as files under a folder of this host. */
export function localLogs(settings: LogStoreSettings): LogStore {
  const { folder, files, clock, bytesMax = LOG_BYTES_MAX, onProblem = () => {} } = settings;
  return {
    open: (attempt) => new FileAttemptLog(pathOf(folder, attempt), { files, clock, bytesMax, onProblem }),
    written: (runId) => {
      const names = new Set(files.list(folderOf(folder, runId)).map(({ name }) => name));
      return (attempt) => names.has(nameOf(attempt));
    },
    read: (attempt, fromOffset) => readPage(files, pathOf(folder, attempt), fromOffset),
    tail: (attempt, lines) => readTail(files, pathOf(folder, attempt), lines),
  };
}

/** Only ids that Batuta itself has made become a path. */
function pathOf(folder: string, attempt: AttemptId): string {
  return join(folderOf(folder, attempt.runId), nameOf(attempt));
}

function folderOf(folder: string, runId: string): string {
  const path = join(folder, runId);
  if (RUN_ID.test(runId) && path.startsWith(folder + sep)) return path;
  throw new BatutaError("not_found", `There is no log of a run ${JSON.stringify(runId)}.`);
}

function nameOf({ runId, taskRunKey, generation, attempt }: AttemptId): string {
  const numbers = [taskRunKey, generation, attempt];
  if (numbers.every(Number.isSafeInteger)) return `${numbers.join(".")}.log`;
  throw new BatutaError("not_found", `There is no log of an attempt ${JSON.stringify([runId, ...numbers])}.`);
}

const RUN_ID = /^[A-Za-z0-9][A-Za-z0-9-]{0,63}$/;
const LF = 10;

function readPage(files: Files, path: string, fromOffset: number): LogPage {
  const size = files.stat(path)?.bytes ?? 0;
  if (fromOffset >= size) return { lines: [], nextOffset: fromOffset, atEnd: true };
  const bytes = files.readPart(path, fromOffset, PAGE_BYTES);
  const end = bytes.lastIndexOf(LF) + 1;
  return {
    lines: linesOf(bytes.subarray(0, end)),
    nextOffset: fromOffset + end,
    atEnd: fromOffset + bytes.length >= size,
  };
}

/** Reads backwards, block by block, until enough line ends are seen. */
function readTail(files: Files, path: string, count: number): LogPage {
  const size = files.stat(path)?.bytes ?? 0;
  let bytes: Uint8Array = new Uint8Array(0);
  let start = size;
  while (start > 0 && lineEnds(bytes) <= count) {
    const length = Math.min(TAIL_BLOCK_BYTES, start);
    start -= length;
    bytes = Buffer.concat([files.readPart(path, start, length), bytes]);
  }
  const end = bytes.lastIndexOf(LF) + 1;
  const lines = linesOf(bytes.subarray(0, end));
  return { lines: count === 0 ? [] : lines.slice(-count), nextOffset: start + end, atEnd: true };
}

const TAIL_BLOCK_BYTES = 64 * 1024;

function lineEnds(bytes: Uint8Array): number {
  let count = 0;
  for (let at = bytes.indexOf(LF); at >= 0; at = bytes.indexOf(LF, at + 1)) count += 1;
  return count;
}

function linesOf(bytes: Uint8Array): readonly LogLine[] {
  if (bytes.length === 0) return [];
  // Invalid UTF-8 is kept in the file and replaced only here, for the eye.
  const texts = Buffer.from(bytes.buffer, bytes.byteOffset, bytes.length - 1)
    .toString("utf8")
    .split("\n");
  return texts.filter((text) => text !== "").map(parseLogLine);
}
