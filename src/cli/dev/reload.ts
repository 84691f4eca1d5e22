import type { ProjectProblem } from "../../execution/project/problem.ts";
import type { CurrentPipelines } from "./last-good.ts";

/** What has come of a change of the project's files. */
export interface Reload {
  readonly ms: number;
  readonly versionHash: string;
  /** Sources that were added, written or removed, sorted. */
  readonly files: readonly string[];
  /** Names of pipelines, sorted. */
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
  /** Pipelines that stay as they were, for their files are broken. */
  readonly kept: readonly string[];
  /** Of files that are wrong now, and were not, or otherwise. */
  readonly problems: readonly ProjectProblem[];
  /** Files that were wrong and are not any more. */
  readonly mended: readonly string[];
}

export interface PipelineChanges {
  readonly added: readonly string[];
  readonly changed: readonly string[];
  readonly removed: readonly string[];
}

/** A pipeline has changed when it is defined otherwise, or one of the modules has that its file is made of. */
export function pipelineChanges(
  before: CurrentPipelines,
  after: CurrentPipelines,
  changedFiles: ReadonlySet<string>,
): PipelineChanges {
  const isChanged = (name: string): boolean => {
    const [was, is] = [before.get(name), after.get(name)];
    if (was === undefined || is === undefined || was.versionHash === is.versionHash) return false;
    return was.spec.graphHash !== is.spec.graphHash || changedFiles.has(is.spec.location.file);
  };
  return {
    added: [...after.keys()].filter((name) => !before.has(name)).sort(),
    changed: [...after.keys()].filter(isChanged).sort(),
    removed: [...before.keys()].filter((name) => !after.has(name)).sort(),
  };
}

export interface ProblemChanges {
  readonly problems: readonly ProjectProblem[];
  readonly mended: readonly string[];
}

/** What is wrong is told once, until it changes. */
export function problemChanges(before: readonly ProjectProblem[], after: readonly ProjectProblem[]): ProblemChanges {
  const known = new Set(before.map(identityOf));
  const wrong = new Set(after.map(({ file }) => file));
  return {
    problems: after.filter((problem) => !known.has(identityOf(problem))),
    mended: [...new Set(before.map(({ file }) => file))].filter((file) => !wrong.has(file)).sort(),
  };
}

function identityOf({ file, message, location }: ProjectProblem): string {
  return JSON.stringify([file, message, location?.line]);
}
