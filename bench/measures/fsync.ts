import { closeSync, fdatasyncSync, mkdtempSync, openSync, rmSync, writeSync } from "node:fs";
import { join } from "node:path";
import { median, timed } from "./timing.ts";

const WRITES = 500;

/** Median milliseconds of appending 4 KiB and flushing it to the disk that holds `folder`. */
export async function fsyncMs(folder: string): Promise<number> {
  const own = mkdtempSync(join(folder, "fsync-"));
  const file = openSync(join(own, "file"), "w");
  const page = Buffer.alloc(4096, 1);
  try {
    const times: number[] = [];
    for (let write = 0; write < WRITES; write++) {
      writeSync(file, page);
      times.push(await timed(() => fdatasyncSync(file)));
    }
    return median(times);
  } finally {
    closeSync(file);
    rmSync(own, { recursive: true });
  }
}
