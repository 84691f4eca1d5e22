import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import { type Probes, probe } from "../probes.ts";
import type { Commit } from "./commit.ts";
import type { HandSetLimits } from "./hand-set-limits.ts";
import type { FoldedTask, RunFold } from "./run-fold.ts";
import type { Share, TaskShares } from "./task-shares.ts";

/** So much of a scope is taken, by whatever runs at the moment. */
interface Use {
  taken: number;
  readonly limit: number | undefined;
}

/** What the checks of limits have in common. */
export interface LimitWatchParts {
  readonly db: SqliteConnection;
  readonly shares: TaskShares;
  readonly handSet: HandSetLimits;
  readonly findings: Findings;
  readonly probes: Probes;
}

/**
 * I24: whatever begins to run finds room within every limit that is in force, at every commit. A limit that is lowered
 * stops nothing (CC-5), so more than it may run on, but nothing may begin meanwhile. I25, I26: the slots in use are
 * those of what runs, recounted from the events and the manifest.
 */
export class LimitWatch {
  readonly #parts: LimitWatchParts;
  #uses: ReadonlyMap<string, Use> = new Map();

  constructor(parts: LimitWatchParts) {
    this.#parts = parts;
  }

  look(commit: Commit): void {
    const uses = this.#usesOf(commit.folds.values());
    this.#uses = uses;
    this.#judgeStarts(commit, uses);
    this.#judgeSlots(uses);
    this.#note(uses);
  }

  /** Whether no limit keeps this one from starting, as things are after the last commit. */
  hasRoomFor({ fold, task }: { readonly fold: RunFold; readonly task: FoldedTask }): boolean {
    const { shares, handSet } = this.#parts;
    return shares.of(fold, task).every(({ scope, slots, limit: declared }) => {
      const limit = handSet.of(scope, declared);
      return limit === undefined || (this.#uses.get(scope)?.taken ?? 0) + slots <= limit;
    });
  }

  #usesOf(folds: Iterable<RunFold>): ReadonlyMap<string, Use> {
    const uses = new Map<string, Use>();
    for (const fold of folds) {
      for (const task of fold.tasks.values()) {
        if (task.state !== "running") continue;
        for (const { scope, slots, limit } of this.#parts.shares.of(fold, task)) {
          const use = uses.get(scope) ?? { taken: 0, limit: this.#parts.handSet.of(scope, limit) };
          use.taken += slots;
          uses.set(scope, use);
        }
      }
    }
    return uses;
  }

  #judgeStarts({ taskMoves }: Commit, uses: ReadonlyMap<string, Use>): void {
    for (const { fold, task, event } of taskMoves) {
      if (event.to !== "running" || task.state !== "running") continue;
      for (const share of this.#parts.shares.of(fold, task)) {
        const use = uses.get(share.scope);
        if (use !== undefined) this.#judgeStart(`${fold.id} ${task.spec.name}`, share, use);
      }
    }
  }

  #judgeStart(name: string, { scope, slots }: Share, { taken, limit }: Use): void {
    const { findings, probes } = this.#parts;
    if (taken === limit) probes.reached(probe(`limit reached: ${kindOf(scope)}`));
    if (slots > 1) probes.reached("several slots of a pool taken");
    findings.expect(
      limit === undefined || taken <= limit,
      "I24",
      () => `${name} starts, and ${taken} slots of ${scope} are taken of ${limit}`,
    );
  }

  #note(uses: ReadonlyMap<string, Use>): void {
    for (const [scope, { taken, limit }] of uses) {
      if (limit !== undefined && taken > limit)
        this.#parts.probes.reached(probe(`runs on over its limit: ${kindOf(scope)}`));
    }
  }

  #judgeSlots(uses: ReadonlyMap<string, Use>): void {
    const { db, findings } = this.#parts;
    const held = new Map(db.all<SlotsOnDisk>(SELECT_SLOTS).map(({ scope, slots }) => [scope, slots]));
    for (const scope of new Set([...uses.keys(), ...held.keys()])) {
      const { taken = 0 } = uses.get(scope) ?? {};
      const slots = held.get(scope) ?? 0;
      findings.expect(
        slots === taken,
        "I25",
        () => `${slots} slots of ${scope} are in use by its rows, but what runs takes ${taken}`,
      );
    }
  }
}

function kindOf(scope: string): string {
  return scope.slice(0, scope.indexOf(":"));
}

interface SlotsOnDisk {
  readonly scope: string;
  readonly slots: number;
}

const SELECT_SLOTS = `
  select scope.name as scope, sum(weight) as slots
  from lease_scope join scope on scope.id = lease_scope.scope_id group by scope.name`;
