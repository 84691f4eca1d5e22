import type { LoadedPipeline } from "./definitions.ts";
import type { ProjectProblem } from "./problem.ts";

/** What the loader process is asked, as one JSON text on its stdin. */
export interface LoadJob {
  /** The folder with the sources of the version, absolute. */
  readonly rootDir: string;
  /** The user's own project folder, absolute: tells why a file is missing among the sources. */
  readonly projectDir: string;
  /** Pipeline files, relative to `rootDir`. */
  readonly files: readonly string[];
  /** JavaScript sources, relative to `rootDir`: candidates for a syntax error without a place. */
  readonly javaScriptFiles: readonly string[];
  /** The process ends itself after this. */
  readonly lifeMs: number;
}

/** What it answers, one JSON text a line. */
export type LoadAnswer =
  | { readonly kind: "begin"; readonly file: string }
  | {
      readonly kind: "loaded";
      readonly file: string;
      readonly pipelines: readonly LoadedPipeline[];
      readonly problems: readonly ProjectProblem[];
      /** The modules of the project that it is made of, itself among them. */
      readonly imports: readonly string[];
    }
  /** User code ends the process: its last word. */
  | { readonly kind: "ends"; readonly file: string; readonly problem: ProjectProblem };
