import { join } from "node:path";
import type { ProcessIdentity } from "../core/process-identity.ts";
import type { Files } from "../ports/files.ts";
import { ownIdentity, stateOfProcess } from "../ports/processes.ts";
import type { AttemptId } from "./executor.ts";

const OWNER_FILE = "owner.json";

/** Folders that live as long as their attempts, below one that lives as long as its session. */
export interface TempFolders {
  /** Folder of the session; not made before it is needed. */
  readonly sessionDir: string;
  /** Removes the folder of an attempt, if there is one. */
  remove(attempt: AttemptId): void;
  /** Removes everything of this session. */
  close(): void;
}

/** Claims a folder for this process, and removes those whose owners were killed before they could (B66). */
export function openTempFolders(tempDir: string, sessionId: string, files: Files): TempFolders {
  removeOrphans(tempDir, files);
  const sessionDir = join(tempDir, sessionId);
  files.writeAtomic(join(sessionDir, OWNER_FILE), JSON.stringify(ownIdentity()));
  return {
    sessionDir,
    remove: (attempt) => files.remove(attemptFolder(sessionDir, attempt)),
    close: () => files.remove(sessionDir),
  };
}

/** The folder of one attempt. */
export function attemptFolder(sessionDir: string, { runId, taskRunKey, generation, attempt }: AttemptId): string {
  return join(sessionDir, `${runId}.${taskRunKey}.${generation}.${attempt}`);
}

function removeOrphans(tempDir: string, files: Files): void {
  for (const { name, kind } of files.list(tempDir)) {
    const folder = join(tempDir, name);
    const owner = kind === "folder" ? ownerOf(join(folder, OWNER_FILE), files) : undefined;
    if (owner !== undefined && stateOfProcess(owner) === "gone") files.remove(folder);
  }
}

/** Undefined where there is none: such a folder is not ours, or is being made at this moment. */
function ownerOf(path: string, files: Files): ProcessIdentity | undefined {
  try {
    const owner: unknown = JSON.parse(files.readText(path));
    return isIdentity(owner) ? owner : undefined;
  } catch {
    return undefined;
  }
}

function isIdentity(value: unknown): value is ProcessIdentity {
  return typeof value === "object" && value !== null && "hostId" in value && "pid" in value && "startTime" in value;
}
