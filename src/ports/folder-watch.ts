import * as fs from "node:fs";

/**
 * Watches folders, each for itself and not for what lies deeper. A hint and no more: a system may have no watches left, a
 * network disk tells of nothing that others write, and a full queue drops what it held. Who has to know looks by itself,
 * now and then.
 */
export interface FolderWatch {
  /** Watches these folders from now on, and no others. One that cannot be watched is left out. */
  watch(folders: readonly string[]): void;
  close(): void;
}

/** `onChange` is called for each change, and often several times for one. */
export function watchFolders(onChange: () => void): FolderWatch {
  const watched = new Map<string, WatchedFolder>();
  const drop = (folder: string): void => {
    watched.get(folder)?.watcher.close();
    watched.delete(folder);
  };
  const add = (folder: string): void => {
    const identity = identityOf(folder);
    try {
      const watcher = fs.watch(folder, { persistent: false }, onChange);
      watcher.on("error", () => drop(folder));
      watched.set(folder, { watcher, identity });
    } catch {
      // It is gone again, or the system has no watches left.
    }
  };
  return {
    watch: (folders) => {
      const wanted = new Set(folders);
      for (const [folder, { identity }] of [...watched]) {
        if (!wanted.has(folder) || identityOf(folder) !== identity) drop(folder);
      }
      for (const folder of wanted) if (!watched.has(folder)) add(folder);
    },
    close: () => {
      for (const folder of [...watched.keys()]) drop(folder);
    },
  };
}

interface WatchedFolder {
  readonly watcher: fs.FSWatcher;
  readonly identity: string;
}

/** A folder that was removed and made again has the same path, and is not the one that is watched. */
function identityOf(folder: string): string {
  const found = fs.statSync(folder, { throwIfNoEntry: false });
  return found === undefined ? "" : `${found.dev} ${found.ino} ${found.birthtimeMs}`;
}
