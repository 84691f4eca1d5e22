import { BatutaError } from "../../core/problem.ts";

/** What `node:sqlite` throws; `errcode` is SQLite's extended result code. */
interface SqliteError extends Error {
  readonly code: "ERR_SQLITE_ERROR";
  readonly errcode: number;
}

/** Another process holds the lock for a moment. */
export function isBusy(error: unknown): boolean {
  return isSqliteError(error) && (primaryCode(error) === BUSY || primaryCode(error) === LOCKED);
}

/** Gives what a person can act on for what SQLite says; anything else as it is. */
export function explainSqliteFailure(error: unknown, path: string): unknown {
  if (!isSqliteError(error)) return error;
  const says = `${error.message} (SQLite code ${error.errcode})`;
  switch (primaryCode(error)) {
    case BUSY:
    case LOCKED:
      return new BatutaError("store_unreachable", `The database ${path} stays locked by another process.`, {
        hint: "End the process that holds it (batuta doctor names it), or wait for its work to end.",
      });
    case FULL:
      return diskFull(path);
    // Cannot be opened: its folder exists by then, so a right is missing there.
    case CANTOPEN:
    case READONLY:
    case PERM:
      return new BatutaError("read_only", `The database ${path} cannot be written: ${says}.`, {
        hint: "Give your user the right to write this file and its folder, or move the project.",
      });
    case IOERR:
      if (error.errcode === IOERR_SHMSIZE || error.errcode === IOERR_WRITE) return diskFull(path);
      return new BatutaError("store_unreachable", `The disk under the database ${path} fails: ${says}.`, {
        hint: "Check the disk (batuta doctor); what was acknowledged is kept.",
      });
    case CORRUPT:
    case NOTADB:
      return new BatutaError("store_unreachable", `The file ${path} is not a sound SQLite database: ${says}.`, {
        hint: "Restore it from a backup, or move it away to begin with an empty one.",
      });
    default:
      return error;
  }
}

function diskFull(path: string): BatutaError {
  return new BatutaError("disk_full", `The disk that holds the database ${path} is full.`, {
    hint: "Free some space and run the command again; nothing that was acknowledged is lost.",
  });
}

function isSqliteError(error: unknown): error is SqliteError {
  return error instanceof Error && "code" in error && error.code === "ERR_SQLITE_ERROR" && "errcode" in error;
}

function primaryCode(error: SqliteError): number {
  return error.errcode & 0xff;
}

const PERM = 3;
const BUSY = 5;
const LOCKED = 6;
const READONLY = 8;
const IOERR = 10;
const CORRUPT = 11;
const FULL = 13;
const CANTOPEN = 14;
const NOTADB = 26;
const IOERR_WRITE = 778;
const IOERR_SHMSIZE = 4874;
