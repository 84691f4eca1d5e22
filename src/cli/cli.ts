import type { Command } from "commander";
import type { BatutaError } from "../core/problem.ts";
import type { Clock } from "../ports/clock.ts";
import type { Output } from "./terminal/output.ts";

/** Options that every verb takes, before or after its name. */
export interface GlobalOptions {
  /** `--project`: a folder of the project; absent = the current one. */
  readonly project?: string;
  readonly databaseUrl?: string;
  readonly json: boolean;
  readonly quiet: boolean;
}

/** What a verb has to work with. stdout carries data alone: verbs return it; what they say on the way goes to stderr. */
export interface Cli {
  readonly out: Output;
  readonly err: Output;
  readonly clock: Clock;
  readonly globals: GlobalOptions;
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingFolder: string;
  /** A line of progress or a hint on stderr; nothing under `--quiet`. */
  note(text: string): void;
  /** Kept for the JSON envelope, and shown on stderr otherwise. */
  warn(message: string): void;
  /** While something is drawn on stderr, notes and warnings have to go through who draws; undefined = straight on. */
  tellThrough(write: ((text: string) => void) | undefined): void;
}

/** What a verb found out: for programs as `data`, for people as `text`. */
export interface Answer {
  readonly data: unknown;
  /** Lines for people, without the last line break; "" = nothing to show. */
  readonly text: () => string;
  /** The verb did its work and this is the bad news: a failed run, errors found by `check`. */
  readonly failure?: BatutaError;
  /** What a person should read last, on stderr. */
  readonly afterword?: () => string;
}

/** One verb of the command line: how it is called, and what it does. */
export interface Verb {
  /** Declares arguments, options and help on the verb's command. */
  declare(command: Command): void;
  /** `undefined` = the verb has written everything itself. Throws `BatutaError` when it cannot do its work. */
  perform(cli: Cli, command: Command): Promise<Answer | undefined>;
}
