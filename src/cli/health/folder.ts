import { join } from "node:path";
import { formatBytes } from "../../core/bytes.ts";
import { formatDuration } from "../../core/duration.ts";
import type { Clock } from "../../ports/clock.ts";
import { localFiles } from "../../ports/files.ts";
import { problemOf } from "../envelope.ts";
import type { StateFolder } from "../state-folder.ts";
import type { Finding } from "./finding.ts";

const FREE_BYTES_WANTED = 1024 ** 3;
const FREE_BYTES_MIN = 64 * 1024 ** 2;
const FSYNC_ROUNDS = 15;
/** Above this a chain of small tasks spends its time waiting for the disk. */
const FSYNC_MS_SLOW = 20;

/** Writes, and waits for the disk, as every transaction does. */
export function checkWriting(clock: Clock, { dir }: StateFolder): Finding {
  const probe = join(dir, "tmp", "doctor");
  try {
    const times = Array.from({ length: FSYNC_ROUNDS }, () => {
      const begun = clock.mono();
      localFiles.writeAtomic(probe, "x");
      return clock.mono() - begun;
    });
    localFiles.remove(probe);
    const median = times.sort((one, other) => one - other)[Math.floor(FSYNC_ROUNDS / 2)] ?? 0;
    const message = `${dir} can be written; a durable write takes ${median < 10 ? `${median.toFixed(2)} ms` : formatDuration(median)}`;
    if (median <= FSYNC_MS_SLOW) return { about: "folder", level: "ok", message };
    return {
      about: "folder",
      level: "warn",
      message,
      remedy: "Put the project on a local disk: each step of a run waits for it.",
    };
  } catch (error) {
    const { message, hint } = problemOf(error, {});
    return { about: "folder", level: "fail", message, ...(hint === undefined ? {} : { remedy: hint }) };
  }
}

export function checkDiskSpace(folder: string): Finding {
  const free = localFiles.freeBytes(folder);
  const message = `${formatBytes(free)} free`;
  if (free >= FREE_BYTES_WANTED) return { about: "disk", level: "ok", message };
  const remedy = "Free some space: logs, values and the database are kept in .batuta.";
  return { about: "disk", level: free < FREE_BYTES_MIN ? "fail" : "warn", message, remedy };
}
