import { canonicalJson } from "../../core/canonical-json.ts";
import type { Files } from "../../ports/files.ts";
import type { LoadedFile } from "./loader.ts";
import type { SourceHashes } from "./source-hashes.ts";
import type { EarlierVersion } from "./version-store.ts";

/** A file as it was loaded, and what it hung on. */
interface Remembered {
  readonly loaded: LoadedFile;
  /** Module of the project -> hash of its content. */
  readonly modules: Readonly<Record<string, string>>;
  readonly surroundings: string;
}

interface MemoryFile {
  readonly builder: string;
  readonly files: readonly Remembered[];
}

/** The project as it is compiled now. */
export interface Compiling {
  readonly hash: string;
  readonly pipelineFiles: readonly string[];
  readonly hashes: SourceHashes;
}

/**
 * What pipeline files were when they were loaded last, for who compiles a project again and again: only those are loaded
 * again that hang on something that has changed. A file hangs on the modules that it imports, on every file that is no
 * module, for it may read one, and on the names of modules that are no pipeline files, for it may list them. What was
 * broken is loaded again with every change: what it misses may have come.
 */
export class LoadMemory {
  readonly #path: string;
  readonly #builder: string;
  readonly #files: Pick<Files, "exists" | "readText" | "writeAtomic">;
  #remembered: ReadonlyMap<string, Remembered>;
  #last: Compiling | undefined;
  #changed: { readonly hash: string; readonly files: ReadonlySet<string> } | undefined;

  /** @param path of the file in which it outlives this process */
  constructor(path: string, builder: string, files: Pick<Files, "exists" | "readText" | "writeAtomic">) {
    this.#path = path;
    this.#builder = builder;
    this.#files = files;
    this.#remembered = new Map(this.#read().map((one) => [one.loaded.file, one]));
  }

  /** The version that was compiled before this one. */
  earlier({ hashes }: Compiling): EarlierVersion | undefined {
    return this.#last && { hash: this.#last.hash, unchanged: hashes.equalTo(this.#last.hashes) };
  }

  /** Whether some file would have to be loaded, so that the next change finds all the others known. */
  lacks(compiling: Compiling): boolean {
    return this.recall(compiling).size < compiling.pipelineFiles.length;
  }

  /** Pipeline files that need not be loaded. */
  recall({ pipelineFiles, hashes }: Compiling): ReadonlyMap<string, LoadedFile> {
    const surroundings = hashes.surroundings(pipelineFiles);
    return new Map(
      pipelineFiles.flatMap((file) => {
        const known = this.#remembered.get(file);
        const isSame =
          known?.surroundings === surroundings &&
          Object.entries(known.modules).every(([path, hash]) => hashes.of(path) === hash);
        return known !== undefined && isSame && !isBroken(known.loaded) ? [[file, known.loaded] as const] : [];
      }),
    );
  }

  /** Takes in how the files of a version are, in place of what it knew. */
  keep({ hash, pipelineFiles, hashes }: Compiling, loaded: readonly LoadedFile[]): void {
    const surroundings = hashes.surroundings(pipelineFiles);
    const remembered = loaded.map((file): Remembered => {
      const modules = file.imports.map((path) => [path, hashes.of(path) ?? ""] as const);
      return { loaded: file, modules: Object.fromEntries(modules), surroundings };
    });
    const changed = remembered.filter((one) => !hasSameModules(one, this.#remembered.get(one.loaded.file)));
    this.#changed = { hash, files: new Set(changed.map(({ loaded: { file } }) => file)) };
    this.#remembered = new Map(remembered.map((one) => [one.loaded.file, one]));
    const content: MemoryFile = { builder: this.#builder, files: remembered };
    this.#files.writeAtomic(this.#path, JSON.stringify(content));
  }

  /** Pipeline files of a version, just compiled, whose code is not that of before. */
  changedFor(hash: string): ReadonlySet<string> {
    return this.#changed?.hash === hash ? this.#changed.files : new Set();
  }

  /** Names of the pipelines that a file exports; undefined when it could not be loaded, so that nobody knows. */
  exportsOf(file: string): ReadonlySet<string> | undefined {
    const loaded = this.#remembered.get(file)?.loaded;
    if (loaded === undefined || isBroken(loaded)) return undefined;
    return new Set(loaded.pipelines.map(({ spec }) => spec.name));
  }

  /** What comes next is compared with this version. */
  compiled(compiling: Compiling): void {
    this.#last = compiling;
  }

  #read(): readonly Remembered[] {
    if (!this.#files.exists(this.#path)) return [];
    try {
      const { builder, files }: MemoryFile = JSON.parse(this.#files.readText(this.#path));
      return builder === this.#builder ? files : [];
    } catch {
      return [];
    }
  }
}

function hasSameModules({ modules }: Remembered, before: Remembered | undefined): boolean {
  return before !== undefined && canonicalJson(modules) === canonicalJson(before.modules);
}

function isBroken({ problems }: LoadedFile): boolean {
  return problems.some(({ severity }) => severity === "error");
}
