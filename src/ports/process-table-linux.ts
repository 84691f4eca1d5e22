import { closeSync, openSync, readdirSync, readFileSync, readlinkSync, readSync } from "node:fs";
import type { ProcessRow, ProcessTable } from "./process-table.ts";

/** `/proc`: a read costs some 7 µs a process, and nothing is started. */
export const linuxProcessTable: ProcessTable = {
  rows: () => pids().flatMap((pid) => rowOf(pid) ?? []),
  marked: (marker, among) => {
    const wanted = Buffer.from(`\0${marker}\0`);
    const isWanted = (pid: number): boolean => pid !== process.pid && isMarked(pid, wanted);
    if (among !== undefined) return among.filter(({ pid }) => isWanted(pid));
    return pids().flatMap((pid) => (isWanted(pid) ? (rowOf(pid) ?? []) : []));
  },
  startTimeOf: (pid) => {
    const stat = statOf(pid);
    return stat === undefined || isDead(stat) ? undefined : stat[START_TIME];
  },
  hostId: () =>
    `${readFileSync("/proc/sys/kernel/random/boot_id", "latin1").trim()} ${readlinkSync("/proc/self/ns/pid")}`,
};

/** Positions in `/proc/<pid>/stat`, counted from the field after the command name. */
const STATE = 0;
const PARENT = 1;
const GROUP = 2;
/** utime, stime, cutime, cstime. */
const CPU_TICKS = [11, 12, 13, 14];
const START_TIME = 19;
const RESIDENT_PAGES = 21;

function pids(): readonly number[] {
  return readdirSync("/proc").flatMap((name) => (/^\d+$/.test(name) ? [Number(name)] : []));
}

function rowOf(pid: number): ProcessRow | undefined {
  const stat = statOf(pid);
  if (stat === undefined || isDead(stat)) return undefined;
  const { ticksPerSecond, pageBytes } = kernelUnits();
  const ticks = CPU_TICKS.reduce((sum, field) => sum + Number(stat[field]), 0);
  return {
    pid,
    parent: Number(stat[PARENT]),
    group: Number(stat[GROUP]),
    startTime: stat[START_TIME] ?? "",
    cpuMs: (ticks * 1000) / ticksPerSecond,
    residentBytes: Number(stat[RESIDENT_PAGES]) * pageBytes,
  };
}

function isDead(stat: readonly string[]): boolean {
  return stat[STATE] === "Z" || stat[STATE] === "X";
}

function statOf(pid: number): readonly string[] | undefined {
  const text = readAll(`/proc/${pid}/stat`)?.toString("latin1");
  // The command name stands in parentheses and may hold spaces and parentheses itself.
  return text?.slice(text.lastIndexOf(")") + 2).split(" ");
}

/** A zombie's environment reads as empty, another user's not at all. */
function isMarked(pid: number, wanted: Buffer): boolean {
  const environment = readAll(`/proc/${pid}/environ`);
  if (environment === undefined) return false;
  return environment.includes(wanted) || environment.subarray(0, wanted.length - 1).equals(wanted.subarray(1));
}

let buffer = Buffer.alloc(64 * 1024);

/** Undefined when the process has gone or is not ours to look at. The answer is valid until the next call. */
function readAll(path: string): Buffer | undefined {
  let handle: number | undefined;
  try {
    handle = openSync(path, "r");
    let length = 0;
    for (;;) {
      if (length === buffer.length) buffer = Buffer.concat([buffer, Buffer.alloc(buffer.length)]);
      const count = readSync(handle, buffer, length, buffer.length - length, null);
      if (count === 0) return buffer.subarray(0, length);
      length += count;
    }
  } catch {
    return undefined;
  } finally {
    if (handle !== undefined) closeSync(handle);
  }
}

interface KernelUnits {
  readonly ticksPerSecond: number;
  readonly pageBytes: number;
}

let units: KernelUnits | undefined;

/** The auxiliary vector that the kernel gave this process: pairs of (type, value). */
function kernelUnits(): KernelUnits {
  if (units !== undefined) return units;
  const vector = readFileSync("/proc/self/auxv");
  const entries = new Map<number, number>();
  for (let at = 0; at + 16 <= vector.length; at += 16) {
    entries.set(Number(vector.readBigUInt64LE(at)), Number(vector.readBigUInt64LE(at + 8)));
  }
  units = { ticksPerSecond: entries.get(AT_CLOCK_TICKS) ?? 100, pageBytes: entries.get(AT_PAGE_BYTES) ?? 4096 };
  return units;
}

const AT_PAGE_BYTES = 6;
const AT_CLOCK_TICKS = 17;
