import childProcess from "node:child_process";
import { subscribe } from "node:diagnostics_channel";
import * as fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
import { Socket } from "node:net";

/** The side of a started process that talks to the one that started it, through the pipes at fd 3 and fd 4. */
export interface ParentChannel {
  /** Takes what the parent sends; `onEnd` when the parent is gone. Keeps this process alive. */
  listen(onData: (chunk: Buffer) => void, onEnd: () => void): void;
  /** Returns when all bytes are in the pipe: nothing is lost when the process ends right after, however it ends. */
  write(bytes: Uint8Array): void;
}

const FROM_PARENT = 3;
const TO_PARENT = 4;

export const parentChannel: ParentChannel = {
  listen: (onData, onEnd) => {
    const socket = new Socket({ fd: FROM_PARENT, readable: true, writable: false });
    socket.on("data", onData);
    socket.on("close", onEnd);
    socket.on("error", () => undefined);
  },
  write: (bytes) => {
    try {
      let written = 0;
      while (written < bytes.length) written += fs.writeSync(TO_PARENT, bytes, written);
    } catch {
      // The parent is gone, which `onEnd` tells as well: there is nobody left to talk to.
    }
  },
};

/** Calls back whenever this process starts another one, by whatever function of `node:child_process`. */
export function watchSpawns(onSpawn: () => void): void {
  subscribe("child_process", onSpawn);
  // Only the asynchronous functions tell of themselves.
  for (const name of ["spawnSync", "execSync", "execFileSync"] as const) {
    const original = childProcess[name];
    Reflect.set(childProcess, name, (...args: Parameters<typeof original>): unknown => {
      onSpawn();
      return Reflect.apply(original, childProcess, args);
    });
  }
  syncBuiltinESMExports();
}
