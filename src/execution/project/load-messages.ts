import type { Json } from "../../core/json.ts";
import type { LoadedPipeline } from "./definitions.ts";
import type { ProjectProblem } from "./problem.ts";

/** What the loader process is asked, as one JSON text on its stdin. */
export type LoadJob = JobBase & (LoadFilesJob | ParseParamsJob);

export interface JobBase {
  /** The folder with the sources of the version, absolute. */
  readonly rootDir: string;
  /** The user's own project folder, absolute: tells why a file is missing among the sources. */
  readonly projectDir: string;
  /** JavaScript sources, relative to `rootDir`: candidates for a syntax error without a place. */
  readonly javaScriptFiles: readonly string[];
  /** The process ends itself after this. */
  readonly lifeMs: number;
}

export interface LoadFilesJob {
  readonly kind: "load";
  /** Pipeline files, relative to `rootDir`. */
  readonly files: readonly string[];
}

export interface ParseParamsJob {
  readonly kind: "params";
  readonly file: string;
  readonly pipeline: string;
  readonly raw: RawParams;
}

/** Parameters as they were given, before the pipeline's schema has seen them. */
export type RawParams = Readonly<Record<string, Json>>;

/** What it answers, one JSON text a line. */
export type LoadAnswer =
  | { readonly kind: "begin"; readonly file: string }
  | {
      readonly kind: "loaded";
      readonly file: string;
      readonly pipelines: readonly LoadedPipeline[];
      readonly problems: readonly ProjectProblem[];
    }
  /** User code ends the process: its last word. */
  | { readonly kind: "ends"; readonly file: string; readonly problem: ProjectProblem }
  | { readonly kind: "params"; readonly params: Json }
  | { readonly kind: "refused"; readonly problem: ProjectProblem };
