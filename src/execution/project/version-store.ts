import { dirname, join } from "node:path";
import type { ProjectManifest } from "../../core/manifest.ts";
import { BatutaError } from "../../core/problem.ts";
import type { Clock } from "../../ports/clock.ts";
import type { Files } from "../../ports/files.ts";
import type { SourceFile } from "./collect-sources.ts";
import type { ProjectProblem } from "./problem.ts";

/** What a version's sources compile to, kept beside them. */
export interface CompiledVersion {
  readonly format: 1;
  /** Which build of Batuta compiled it. */
  readonly builder: string;
  readonly manifest: ProjectManifest;
  readonly problems: readonly ProjectProblem[];
}

/** A version that was kept before, and which of its files are the same now. */
export interface EarlierVersion {
  readonly hash: string;
  readonly unchanged: ReadonlySet<string>;
}

/** Hidden, so that no source of the user can have the name. */
const MANIFEST_FILE = ".batuta-manifest.json";

/** Marks the root of a version: task kinds that read files of the project look for it. */
const VERSION_MARK = ".batuta-version";

const LEFTOVER_AGE_MS = 60 * 60 * 1000;

/** The folder `versions/` of a state folder: one folder a version, named by its hash, complete or not there. */
export class VersionStore {
  readonly #folder: string;
  readonly #files: Files;
  readonly #clock: Clock;

  constructor(stateDir: string, files: Files, clock: Clock) {
    this.#folder = join(stateDir, "versions");
    this.#files = files;
    this.#clock = clock;
  }

  dirOf(hash: string): string {
    return join(this.#folder, hash);
  }

  /** What was compiled before, or undefined when nothing was, or not completely. */
  compiled(hash: string): CompiledVersion | undefined {
    const path = join(this.dirOf(hash), MANIFEST_FILE);
    if (!this.#files.exists(path)) return undefined;
    try {
      const compiled: CompiledVersion = JSON.parse(this.#files.readText(path));
      return compiled.format === 1 ? compiled : undefined;
    } catch {
      return undefined;
    }
  }

  /**
   * Keeps sources under their hash: written aside, then renamed, so that a folder is complete or not there at all. Files
   * that an earlier version has just so are its own.
   */
  keep(hash: string, sources: readonly SourceFile[], earlier?: EarlierVersion): void {
    if (this.#files.exists(this.dirOf(hash))) return;
    this.#removeLeftovers();
    const aside = join(this.#folder, `.${hash}.${process.pid}`);
    try {
      this.#files.remove(aside);
      this.#files.makeFolder(aside);
      this.#files.writeAtomic(join(aside, VERSION_MARK), hash);
      for (const source of sources) this.#keepFile(aside, source, earlier);
      this.#files.rename(aside, this.dirOf(hash));
    } catch (error) {
      this.#files.remove(aside);
      // Another process has kept the same version meanwhile.
      if (this.#files.exists(this.dirOf(hash))) return;
      throw writeProblem(error, this.#folder);
    }
  }

  #keepFile(folder: string, { path, content }: SourceFile, earlier: EarlierVersion | undefined): void {
    const to = join(folder, path);
    if (earlier?.unchanged.has(path) === true && this.#linked(join(this.dirOf(earlier.hash), path), to)) return;
    this.#files.writeAtomic(to, content);
  }

  /** The earlier version may be gone, and not every disk has links. */
  #linked(from: string, to: string): boolean {
    try {
      this.#files.makeFolder(dirname(to));
      this.#files.hardLink(from, to);
      return true;
    } catch {
      return false;
    }
  }

  saveCompiled(hash: string, compiled: CompiledVersion): void {
    try {
      this.#files.writeAtomic(join(this.dirOf(hash), MANIFEST_FILE), JSON.stringify(compiled));
    } catch (error) {
      throw writeProblem(error, this.dirOf(hash));
    }
  }

  /** Folders of processes that were killed while they wrote. */
  #removeLeftovers(): void {
    for (const { name, kind } of this.#files.list(this.#folder)) {
      if (kind !== "folder" || !name.startsWith(".")) continue;
      const path = join(this.#folder, name);
      const age = this.#clock.wall() - (this.#files.stat(path)?.modifiedMs ?? 0);
      if (age > LEFTOVER_AGE_MS) this.#files.remove(path);
    }
  }
}

function writeProblem(error: unknown, folder: string): unknown {
  const code = error instanceof Error && "code" in error ? error.code : undefined;
  if (code === "ENOSPC" || code === "EDQUOT") {
    return new BatutaError("disk_full", `The disk is full: the version cannot be kept in ${folder}.`, {
      hint: "Free some space and try again; nothing was lost.",
    });
  }
  if (code === "EACCES" || code === "EPERM" || code === "EROFS") {
    return new BatutaError("read_only", `${folder} cannot be written.`, {
      hint: "Give yourself the right to write there: a version's sources are kept in the project's state folder.",
    });
  }
  return error;
}
