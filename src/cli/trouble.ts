import { BatutaError } from "../core/problem.ts";
import type { DutyProblem } from "../engine/service.ts";
import type { Cli } from "./cli.ts";

/** Trouble with the database that lasts so long ends the command; the run stays as it is and is resumed later. */
const TROUBLE_MS_MAX = 10_000;

/** Tells the person that the database gives trouble, each kind once, and gives up when it lasts. */
export class Trouble {
  /** Resolves when there is no hope. */
  readonly lasting: Promise<void>;
  readonly #cli: Cli;
  readonly #resolve: () => void;
  /** When each duty that fails at the moment began to. */
  readonly #since = new Map<string, number>();
  readonly #told = new Set<string>();
  #newest: unknown;
  #hopeless: unknown;

  constructor(cli: Cli) {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.#cli = cli;
    this.lasting = promise;
    this.#resolve = resolve;
  }

  reported({ duty, error, failures }: DutyProblem): void {
    const now = this.#cli.clock.mono();
    if (failures === 1) this.#since.set(duty, now);
    this.#newest = error;
    this.#tell(error);
    if (now - (this.#since.get(duty) ?? now) >= TROUBLE_MS_MAX) this.giveUp(error);
  }

  /** What the database itself said tells more than that a lease was lost by it. */
  giveUp(error: unknown): void {
    this.#hopeless ??= this.#newest instanceof BatutaError ? this.#newest : error;
    this.#resolve();
  }

  throwIfLasting(): void {
    if (this.#hopeless !== undefined) throw this.#hopeless;
  }

  #tell(error: unknown): void {
    const message = error instanceof Error ? error.message : String(error);
    if (this.#told.has(message)) return;
    this.#told.add(message);
    this.#cli.warn(`${message.replace(/\.?$/, ".")} Trying again.`);
  }
}
