import { sha256Hex } from "../../ports/digest.ts";
import type { SourceFile } from "./collect-sources.ts";

const MODULE = /\.[mc]?[tj]s$/;

/** The content of each source of a project, by its hash. */
export class SourceHashes {
  readonly #hashes: ReadonlyMap<string, string>;

  constructor(sources: readonly SourceFile[]) {
    this.#hashes = new Map(sources.map(({ path, content }) => [path, sha256Hex(content)]));
  }

  of(path: string): string | undefined {
    return this.#hashes.get(path);
  }

  /** Sources that are the same in both. */
  equalTo(other: SourceHashes): ReadonlySet<string> {
    return new Set([...this.#hashes].flatMap(([path, hash]) => (other.of(path) === hash ? [path] : [])));
  }

  /**
   * Of all that any pipeline file may have read or listed: the content of what is no module, and the names of the modules
   * that are no pipeline files.
   */
  surroundings(pipelineFiles: readonly string[]): string {
    const apart = new Set(pipelineFiles);
    const lines = [...this.#hashes].flatMap(([path, hash]) => {
      if (apart.has(path)) return [];
      return [MODULE.test(path) ? path : `${hash} ${path}`];
    });
    return sha256Hex(lines.join("\n"));
  }
}
