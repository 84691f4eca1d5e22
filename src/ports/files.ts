import * as fs from "node:fs";
import { dirname } from "node:path";

/**
 * The file system as Batuta uses it. Calls are synchronous: what they touch is small or in the page cache, and a
 * transition is easier to reason about when nothing runs in between. Failures keep Node's `code` (ENOENT, ENOSPC, …).
 */
export interface Files {
  readText(path: string): string;
  read(path: string): Uint8Array;
  /** Reads at most `length` bytes from `offset`; fewer at the end of the file. */
  readPart(path: string, offset: number, length: number): Uint8Array;
  /** Replaces the file as a whole or not at all (temporary file beside it, flushed, then renamed). */
  writeAtomic(path: string, data: string | Uint8Array): void;
  openAppend(path: string): AppendFile;
  exists(path: string): boolean;
  stat(path: string): FileStat | undefined;
  /** Names in a folder with their kind, sorted; empty when there is no such folder. */
  list(folder: string): readonly FolderEntry[];
  /** Makes a folder and those above it, readable by the owner alone. */
  makeFolder(path: string): void;
  copy(from: string, to: string): void;
  /** Gives a file that will not change any more another name. */
  hardLink(from: string, to: string): void;
  rename(from: string, to: string): void;
  /** Removes a file or a whole folder; nothing there is no error. */
  remove(path: string): void;
  /** The path with symbolic links resolved. */
  realPath(path: string): string;
  /** Makes a symbolic link at `path` that leads to `target`. */
  link(target: string, path: string): void;
  /** Bytes that this user may still write on the disk that holds `path`. */
  freeBytes(path: string): number;
}

export interface AppendFile {
  append(data: Uint8Array | string): void;
  close(): void;
}

export interface FileStat {
  readonly kind: "file" | "folder" | "other";
  readonly bytes: number;
  readonly modifiedMs: number;
}

export interface FolderEntry {
  readonly name: string;
  readonly kind: "file" | "folder" | "link" | "other";
}

export const localFiles: Files = {
  readText: (path) => fs.readFileSync(path, "utf8"),
  read: (path) => fs.readFileSync(path),
  readPart,
  writeAtomic,
  openAppend,
  exists: (path) => fs.existsSync(path),
  stat,
  list,
  makeFolder,
  copy: (from, to) => fs.copyFileSync(from, to),
  hardLink: (from, to) => fs.linkSync(from, to),
  rename: (from, to) => fs.renameSync(from, to),
  remove: (path) => fs.rmSync(path, { recursive: true, force: true }),
  realPath: (path) => fs.realpathSync(path),
  link: (target, path) => fs.symlinkSync(target, path),
  freeBytes: (path) => {
    const { bavail, bsize } = fs.statfsSync(path);
    return bavail * bsize;
  },
};

/** Node's own recursive way says ENOENT of a read-only disk, and never comes back from /proc. */
function makeFolder(path: string): void {
  try {
    makeOneFolder(path);
  } catch (error) {
    if (codeOf(error) !== "ENOENT" || dirname(path) === path) throw error;
    makeFolder(dirname(path));
    makeOneFolder(path);
  }
}

/** One that is there already, perhaps made by another process at this moment, is as good. */
function makeOneFolder(path: string): void {
  if (isFolder(path)) return;
  try {
    fs.mkdirSync(path, FOLDER_MODE);
  } catch (error) {
    if (codeOf(error) !== "EEXIST" || !isFolder(path)) throw error;
  }
}

function isFolder(path: string): boolean {
  return fs.statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
}

const FOLDER_MODE = 0o700;

function codeOf(error: unknown): unknown {
  return error instanceof Error && "code" in error ? error.code : undefined;
}

function readPart(path: string, offset: number, length: number): Uint8Array {
  const handle = fs.openSync(path, "r");
  try {
    const buffer = Buffer.alloc(length);
    const count = fs.readSync(handle, buffer, 0, length, offset);
    return buffer.subarray(0, count);
  } finally {
    fs.closeSync(handle);
  }
}

let temporaryCount = 0;

function writeAtomic(path: string, data: string | Uint8Array): void {
  makeFolder(dirname(path));
  temporaryCount += 1;
  const temporary = `${path}.${process.pid}.${temporaryCount}.tmp`;
  const handle = fs.openSync(temporary, "wx", 0o600);
  try {
    fs.writeFileSync(handle, data);
    fs.fsyncSync(handle);
  } catch (error) {
    fs.rmSync(temporary, { force: true });
    throw error;
  } finally {
    fs.closeSync(handle);
  }
  fs.renameSync(temporary, path);
}

function openAppend(path: string): AppendFile {
  makeFolder(dirname(path));
  const handle = fs.openSync(path, "a", 0o600);
  return {
    append: (data) => void fs.writeFileSync(handle, data),
    close: () => fs.closeSync(handle),
  };
}

function stat(path: string): FileStat | undefined {
  const found = fs.statSync(path, { throwIfNoEntry: false });
  if (found === undefined) return undefined;
  const kind = found.isFile() ? "file" : found.isDirectory() ? "folder" : "other";
  return { kind, bytes: found.size, modifiedMs: found.mtimeMs };
}

function list(folder: string): readonly FolderEntry[] {
  if (!fs.existsSync(folder)) return [];
  return fs
    .readdirSync(folder, { withFileTypes: true })
    .map((entry): FolderEntry => ({ name: entry.name, kind: kindOf(entry) }))
    .sort((one, other) => (one.name < other.name ? -1 : 1));
}

function kindOf(entry: fs.Dirent): FolderEntry["kind"] {
  if (entry.isFile()) return "file";
  if (entry.isDirectory()) return "folder";
  return entry.isSymbolicLink() ? "link" : "other";
}
