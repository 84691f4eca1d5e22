import { registerHooks } from "node:module";
import { fileURLToPath } from "node:url";

/**
 * Which modules of a project import which, noted while they are loaded. A module that was loaded before is imported
 * anew without being resolved anew within, so edges are kept for the life of the process.
 */
export class ImportGraph {
  readonly #prefix: string;
  readonly #imported = new Map<string, Set<string>>();

  /** @param rootDir absolute, with symbolic links resolved, as modules are named by */
  constructor(rootDir: string) {
    this.#prefix = `${rootDir}/`;
  }

  /** From now on. */
  record(): void {
    registerHooks({
      resolve: (specifier, context, next) => {
        const resolved = next(specifier, context);
        this.#add(context.parentURL, resolved.url);
        return resolved;
      },
    });
  }

  /** The module itself and whatever it imports, directly or not, as far as it lies in the project; sorted. */
  closure(file: string): readonly string[] {
    const found = new Set([file]);
    for (const module of found) for (const imported of this.#imported.get(module) ?? []) found.add(imported);
    return [...found].sort();
  }

  #add(from: string | undefined, to: string): void {
    const [parent, child] = [this.#within(from), this.#within(to)];
    if (parent === undefined || child === undefined) return;
    const imported = this.#imported.get(parent) ?? new Set();
    this.#imported.set(parent, imported.add(child));
  }

  #within(url: string | undefined): string | undefined {
    if (url === undefined || !url.startsWith("file:")) return undefined;
    const path = fileURLToPath(url).replaceAll("\\", "/");
    return path.startsWith(this.#prefix) ? path.slice(this.#prefix.length) : undefined;
  }
}
