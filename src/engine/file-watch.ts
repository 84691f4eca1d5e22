import { BatutaError } from "../core/problem.ts";
import { type FileState, fileStateId } from "../core/trigger/file-state.ts";
import { type SeenFiles, settleFiles } from "../core/trigger/settle-files.ts";
import type { Executor, FilesAnswer, Problem } from "../execution/executor.ts";
import type { Clock } from "../ports/clock.ts";
import type { Store } from "../store/store.ts";
import type { FileTrigger } from "../store/trigger-records.ts";
import type { Duty } from "./service.ts";

/** Looks that are due within this time of each other are made together. */
const TOGETHER_MS = 250;
/** Files that become events in one transaction. */
const KEPT_MAX = 1_000;
/** Looks take no more than this share of the time, however many files there are. */
const SHARE_MAX = 0.1;

export interface FileWatchParts {
  readonly store: Pick<Store, "fileTriggers" | "keepFiles" | "ignoreFiles" | "noteLook">;
  readonly executor: Pick<Executor, "findFiles">;
  readonly clock: Clock;
}

/**
 * Looks for the files that triggers wait for, and makes events of those that have stopped growing.
 *
 * Owns: since when each file looks as it does; after a restart that begins anew, and a file counts a little later.
 * Does not own: which states of files have been events already. The store knows, and here only what need not be told again.
 *
 * 1. A look that takes long, or goes wrong, holds up no other.
 * 2. Nothing is written but in a turn, so that a duty that has stopped leaves the store alone.
 */
export class FileWatch implements Duty {
  readonly name = "file-watch";
  readonly #parts: FileWatchParts;
  readonly #project: string;
  readonly #idleMs: number;
  /** By the key of the trigger. */
  readonly #looks = new Map<number, Look>();
  #answers: LookAnswer[] = [];
  /** Woken when a look was answered. */
  onAnswer: () => void = () => {};
  /** Woken when files have become events. */
  onFound: () => void = () => {};

  /** @param idleMs triggers that another process has deployed are seen at the latest after this long */
  constructor(parts: FileWatchParts, project: string, idleMs: number) {
    this.#parts = parts;
    this.#project = project;
    this.#idleMs = idleMs;
  }

  async poll(): Promise<number> {
    this.#follow(await this.#parts.store.fileTriggers(this.#project));
    for (let [answer] = this.#answers; answer !== undefined; [answer] = this.#answers) {
      await this.#take(answer);
      this.#answers.shift();
    }
    const now = this.#parts.clock.mono();
    for (const look of this.#looks.values()) if (look.nextAt <= now + TOGETHER_MS) void this.#ask(look);
    const nextAt = Math.min(...[...this.#looks.values()].map((look) => look.nextAt));
    return Math.min(Math.max(nextAt - now, 0), this.#idleMs);
  }

  /** One that was edited is looked for anew. */
  #follow(triggers: readonly FileTrigger[]): void {
    const keys = new Set(triggers.map(({ key }) => key));
    for (const key of this.#looks.keys()) if (!keys.has(key)) this.#looks.delete(key);
    for (const trigger of triggers) {
      const look = this.#looks.get(trigger.key);
      if (look?.trigger.generation === trigger.generation) look.trigger = trigger;
      else this.#looks.set(trigger.key, new Look(trigger, this.#parts.clock.mono()));
    }
  }

  async #ask(look: Look): Promise<void> {
    const { executor, clock } = this.#parts;
    look.nextAt = Number.POSITIVE_INFINITY;
    const startedAt = clock.mono();
    const { glob } = look.trigger.source;
    const answer = await executor.findFiles({ glob, ...(look.print === undefined ? {} : { known: look.print }) });
    this.#answers.push({ look, answer, tookMs: clock.mono() - startedAt });
    this.onAnswer();
  }

  async #take({ look, answer, tookMs }: LookAnswer): Promise<void> {
    const { trigger } = look;
    if (this.#looks.get(trigger.key) !== look) return;
    const waitMs = answer.kind === "refused" ? trigger.source.pollEveryMs : await this.#see(look, answer);
    await this.#note(trigger, answer.kind === "refused" ? answer.problem : look.problem);
    look.nextAt = this.#parts.clock.mono() + Math.max(waitMs, tookMs / SHARE_MAX);
  }

  /** Gives when to look again. What the store cannot take for a reason of its own is on show, and tried again. */
  async #see(look: Look, answer: Exclude<FilesAnswer, { readonly kind: "refused" }>): Promise<number> {
    const { pollEveryMs } = look.trigger.source;
    if (answer.kind === "files") look.see(answer);
    try {
      return Math.min((await this.#settle(look)) ?? pollEveryMs, pollEveryMs);
    } catch (error) {
      if (isOutage(error)) throw error;
      look.problem = { message: error instanceof Error ? error.message : String(error) };
      look.print = undefined;
      return pollEveryMs;
    }
  }

  /** Gives when the next file will have settled. */
  async #settle(look: Look): Promise<number | undefined> {
    const { store, clock } = this.#parts;
    const { trigger, files } = look;
    const { existing, stableForMs } = trigger.source;
    if (existing === "ignore" && !look.isBegun) await store.ignoreFiles(trigger, files);
    look.isBegun = true;
    const { seen, settled, nextInMs } = settleFiles(look.seen, files, { stableForMs, now: clock.wall() });
    look.seen = seen;
    const untold = settled.filter((file) => look.told.get(file.path) !== fileStateId(file));
    for (let at = 0; at < untold.length; at += KEPT_MAX) await this.#keep(look, untold.slice(at, at + KEPT_MAX));
    return nextInMs;
  }

  async #keep(look: Look, files: readonly FileState[]): Promise<void> {
    const count = await this.#parts.store.keepFiles(look.trigger, files);
    for (const file of files) look.told.set(file.path, fileStateId(file));
    if (count > 0) this.onFound();
  }

  async #note(trigger: FileTrigger, problem: Problem | undefined): Promise<void> {
    if (trigger.lookFault?.message === problem?.message) return;
    await this.#parts.store.noteLook(trigger, problem);
  }
}

function isOutage(error: unknown): boolean {
  return error instanceof BatutaError && (error.code === "store_unreachable" || error.code === "disk_full");
}

interface LookAnswer {
  readonly look: Look;
  readonly answer: FilesAnswer;
  readonly tookMs: number;
}

/** What is known of the files of a trigger. */
class Look {
  /** As the store has it now. */
  trigger: FileTrigger;
  /** On the clock that never jumps; Infinity while somebody looks. */
  nextAt: number;
  print: string | undefined;
  files: readonly FileState[] = [];
  problem: Problem | undefined;
  seen: SeenFiles = new Map();
  /** By path, the state that the store knows. */
  readonly told = new Map<string, string>();
  /** The store knows what was there before. */
  isBegun = false;

  constructor(trigger: FileTrigger, nextAt: number) {
    this.trigger = trigger;
    this.nextAt = nextAt;
  }

  see({ print, files, problem }: Extract<FilesAnswer, { readonly kind: "files" }>): void {
    this.print = print;
    this.files = files;
    this.problem = problem;
    const paths = new Set(files.map(({ path }) => path));
    for (const path of this.told.keys()) if (!paths.has(path)) this.told.delete(path);
  }
}
