import type { ProjectManifest } from "../../core/manifest.ts";
import type { ProjectProblem } from "../../execution/project/problem.ts";
import type { FileFault } from "../../store/schedule-store.ts";
import type { Store } from "../../store/store.ts";
import type { CurrentPipeline, CurrentPipelines } from "./last-good.ts";

type Versions = Pick<Store, "saveVersion" | "version" | "deploy" | "deployment">;

/** The versions of a project in the store: which one runs, and what of older ones runs with it. */
export class ProjectVersions {
  readonly #store: Versions;
  readonly #project: string;
  readonly #actor: string;

  constructor(store: Versions, project: string, actor: string) {
    this.#store = store;
    this.#project = project;
    this.#actor = actor;
  }

  /** What the project ran when it was deployed last, by whichever process; empty before the first time. */
  async deployed(): Promise<CurrentPipelines> {
    const deployment = await this.#store.deployment(this.#project);
    if (deployment === undefined) return new Map();
    const kept = new Map(deployment.kept.map(({ pipeline, versionHash }) => [pipeline, versionHash]));
    const current = new Map<string, CurrentPipeline>();
    for (const versionHash of new Set([deployment.versionHash, ...kept.values()])) {
      const version = await this.#store.version(versionHash);
      for (const spec of version?.manifest.pipelines ?? []) {
        const wanted = kept.get(spec.name) ?? deployment.versionHash;
        if (wanted === versionHash) current.set(spec.name, { spec, versionHash });
      }
    }
    return current;
  }

  save(hash: string, manifest: ProjectManifest): Promise<void> {
    return this.#store.saveVersion({ hash, project: this.#project, manifest });
  }

  /** Makes a version the one that runs, but for pipelines that stay as they are in others. */
  async deploy(versionHash: string, current: CurrentPipelines, problems: readonly ProjectProblem[]): Promise<void> {
    const kept = [...current].flatMap(([pipeline, { versionHash: own }]) =>
      own === versionHash ? [] : [{ pipeline, versionHash: own }],
    );
    const faults = problems.map(faultOf);
    await this.#store.deploy({ project: this.#project, versionHash, kept, faults, actor: this.#actor });
  }
}

function faultOf({ file, message, hint, location }: ProjectProblem): FileFault {
  return {
    file,
    message,
    ...(hint === undefined ? {} : { hint }),
    ...(location === undefined ? {} : { location }),
  };
}
