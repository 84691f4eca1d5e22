import type { Instant } from "../../core/instant.ts";
import type { Json } from "../../core/json.ts";
import type { FilesAnswer, PollAnswer, WantedFiles } from "../executor.ts";

/** The first message to a sensor host; not answered. */
export interface HostLoad {
  readonly kind: "load";
  /** Address of the module whose `hostedSensors` says how each kind looks. */
  readonly module: string;
  readonly projectDir: string;
  readonly blobsDir: string;
}

/** Answered under the same number, in any order. */
export interface HostPoll {
  readonly kind: "poll";
  readonly id: number;
  readonly sensor: string;
  readonly config: Json;
  readonly memory?: Json;
  readonly now: Instant;
  readonly connections: Readonly<Record<string, string>>;
  readonly timeoutMs: number;
  readonly labelPaths?: readonly string[];
}

/** Answered under the same number. */
export interface HostSearch {
  readonly kind: "search";
  readonly id: number;
  readonly wanted: WantedFiles;
  readonly timeoutMs: number;
}

export type ToHost = HostLoad | HostPoll | HostSearch;

export interface FromHost {
  readonly id: number;
  readonly answer: HostAnswer;
}

/** Of the kind of what was asked; `error` of a poll or a search that nobody can answer. */
export type HostAnswer = PollAnswer | FilesAnswer;

/** What the module of hosted sensors exports: by their kinds, how they look. */
export interface HostedSensors {
  readonly [kind: string]: ((look: HostedLook) => unknown) | undefined;
}

/** All that a sensor of the host is told: it is data alone. */
export interface HostedLook {
  readonly config: Json;
  readonly memory: Json | undefined;
  readonly now: Date;
  readonly connections: Readonly<Record<string, string>>;
  readonly projectDir: string;
  readonly signal: AbortSignal;
}
