import { spawnSync } from "node:child_process";
import { hostname } from "node:os";
import type { ProcessRow, ProcessTable } from "./process-table.ts";

/** For hosts without `/proc` (macOS): asks `ps`, some 10 ms a call. */
export const psProcessTable: ProcessTable = {
  rows: () => lines("-axo", `${COLUMNS}=`.replaceAll(",", "=,")).flatMap((line) => rowOf(line) ?? []),
  marked: (marker, among = psProcessTable.rows()) => {
    const rows = new Map(among.map((row) => [row.pid, row]));
    return lines("axeww", "-o", "pid=,command=").flatMap((line) => {
      const [, pid = "", rest = ""] = /^\s*(\d+)\s(.*)$/.exec(line) ?? [];
      const row = Number(pid) === process.pid ? undefined : rows.get(Number(pid));
      return row !== undefined && ` ${rest} `.includes(` ${marker} `) ? [row] : [];
    });
  },
  startTimeOf: (pid) => {
    const [, state = "Z", startTime] =
      /^\s*(\S+)\s+(.*?)\s*$/.exec(lines("-o", "stat=,lstart=", "-p", String(pid))[0] ?? "") ?? [];
    return state.startsWith("Z") ? undefined : startTime?.replaceAll(/\s+/g, " ");
  },
  hostId: () => {
    const session = spawnSync("sysctl", ["-n", "kern.bootsessionuuid"], { encoding: "utf8" });
    return session.status === 0 ? session.stdout.trim() : hostname();
  },
};

const COLUMNS = "pid,ppid,pgid,stat,time,rss,lstart";

function lines(...args: readonly string[]): readonly string[] {
  const { stdout } = spawnSync("ps", args, {
    encoding: "utf8",
    maxBuffer: 256 * 1024 * 1024,
    env: { PATH: process.env.PATH ?? "/bin:/usr/bin", LC_ALL: "C" },
  });
  return (stdout ?? "").split("\n").filter((line) => line.trim() !== "");
}

function rowOf(line: string): ProcessRow | undefined {
  const [pid, parent, group, state = "", time = "", resident, ...start] = line.trim().split(/\s+/);
  if (state.startsWith("Z")) return undefined;
  return {
    pid: Number(pid),
    parent: Number(parent),
    group: Number(group),
    startTime: start.join(" "),
    cpuMs: cpuMs(time),
    residentBytes: Number(resident) * 1024,
  };
}

/** `MM:SS.ss` (macOS) or `[DD-]HH:MM:SS`. */
function cpuMs(time: string): number {
  const [days, clock = ""] = time.includes("-") ? time.split("-") : ["0", time];
  const seconds = clock.split(":").reduce((sum, part) => sum * 60 + Number(part), 0);
  return Math.round((Number(days) * 86_400 + seconds) * 1000);
}
