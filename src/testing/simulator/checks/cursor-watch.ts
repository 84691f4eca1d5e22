import type { AttemptOrder, AttemptReport } from "../../../execution/executor.ts";
import type { SqliteConnection } from "../../../store/sqlite/connection.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import { BEGINNING, type Place } from "../workload/source-place.ts";
import type { Commit, TaskMove } from "./commit.ts";

/** What one attempt has read of its source. */
interface Batch {
  readonly from: Place;
  /** Undefined as long as it has not said that it has read on. */
  readonly to?: Place;
}

/** Where a cursor must be, and who has set it so far, one after the other. */
interface Source {
  place: Place;
  readonly settings: string[];
}

/**
 * Batches of sources: each success reads on where the one before it has ended, so that nothing is lost and nothing is
 * read twice, and after every commit the cursor is where the successes so far have left it. Only a person moves it
 * besides; what reads meanwhile then leaves it there.
 */
export class CursorWatch {
  readonly #db: SqliteConnection;
  readonly #findings: Findings;
  readonly #probes: Probes;
  readonly #batches = new Map<string, Batch>();
  /** By attempt: how often a person had set its cursor when it was claimed. */
  readonly #claimedAfter = new Map<string, number>();
  readonly #sources = new Map<string, Source>();

  constructor(parts: { readonly db: SqliteConnection; readonly findings: Findings; readonly probes: Probes }) {
    this.#db = parts.db;
    this.#findings = parts.findings;
    this.#probes = parts.probes;
  }

  started(order: AttemptOrder): void {
    if (order.cursor === undefined) return;
    this.#batches.set(attemptName(order.runId, order), { from: JSON.parse(order.cursor.json) as Place });
  }

  reported(order: AttemptOrder, { result }: AttemptReport): void {
    const name = attemptName(order.runId, order);
    const batch = this.#batches.get(name);
    if (batch === undefined || result.kind !== "success" || result.cursor === undefined) return;
    this.#batches.set(name, { ...batch, to: JSON.parse(result.cursor) as Place });
  }

  look({ taskMoves }: Commit): void {
    for (const move of taskMoves) if (move.task.spec.cursor !== undefined) this.#follow(move);
    for (const row of this.#db.all<CursorOnDisk>(SELECT_CURSORS)) this.#compare(row);
  }

  #follow({ fold, task, event }: TaskMove): void {
    const source = this.#sourceOf(`${fold.spec.name}/${task.spec.cursor?.name}`);
    const name = attemptName(fold.id, { task: task.spec, token: event.token });
    if (event.to === "running") this.#claimedAfter.set(name, source.settings.length);
    if (event.from !== "running") return;
    const batch = this.#batches.get(name);
    if (batch?.to === undefined) return;
    if (event.to === "success" && event.actor === undefined)
      this.#readOn(name, { from: batch.from, to: batch.to }, source);
    else this.#probes.reached("batch read and given up");
  }

  #readOn(name: string, { from, to }: Required<Batch>, source: Source): void {
    const { place, settings } = source;
    const seen = settings.indexOf(from.by) + 1;
    this.#findings.expect(
      seen >= (this.#claimedAfter.get(name) ?? 0),
      "cursor",
      () => `${name} reads from ${said(from)}, which was set anew before it was claimed`,
    );
    if (seen < settings.length) {
      this.#probes.reached("cursor set while its reader ran");
      return;
    }
    this.#findings.expect(
      from.at === place.at,
      "cursor",
      () => `${name} has read from ${said(from)}, but the successes before it have read until ${said(place)}`,
    );
    this.#probes.reached("batch read");
    source.place = to;
  }

  #compare({ pipeline, name, value, actor }: CursorOnDisk): void {
    const source = this.#sourceOf(`${pipeline}/${name}`);
    const place = value === null ? BEGINNING : (JSON.parse(value) as Place);
    if (place.at === source.place.at && place.by === source.place.by) return;
    const isSetting = actor !== null && actor === place.by && !source.settings.includes(actor);
    this.#findings.expect(
      isSetting,
      "cursor",
      () => `cursor ${name} of ${pipeline} is at ${said(place)}, but successes have read until ${said(source.place)}`,
    );
    source.settings.push(place.by);
    source.place = place;
  }

  #sourceOf(name: string): Source {
    const known = this.#sources.get(name) ?? { place: BEGINNING, settings: [] };
    this.#sources.set(name, known);
    return known;
  }
}

function attemptName(
  run: string,
  { task, token }: { readonly task: { readonly name: string }; readonly token: number },
) {
  return `${run} ${task.name} t${token}`;
}

function said({ at, by }: Place): string {
  return by === "" ? String(at) : `${at} (set by ${by})`;
}

interface CursorOnDisk {
  readonly pipeline: string;
  readonly name: string;
  readonly value: string | null;
  readonly actor: string | null;
}

const SELECT_CURSORS = "select pipeline, name, value, actor from source_cursor";
