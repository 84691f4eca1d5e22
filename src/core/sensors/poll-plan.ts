import type { PollEvery, SensorSpec } from "../manifest.ts";
import { seededFraction } from "../seeded-fraction.ts";

/** A poll whose answer never comes is due again so long after its time-out: its watcher had died. */
const LOST_POLL_GRACE_MS = 10_000;

/** Errors in a row let a sensor look less often, down to this, unless it looks even less often by itself. */
const ERROR_WAIT_MS_MAX = 5 * 60_000;

/** Share of a wait that may be left out, so that what began together does not look together for ever. */
const SPREAD = 0.1;

export interface PollFacts {
  /** Polls that have been answered before this one. */
  readonly polls: number;
  /** Those of them at the end that went wrong, one after the other. */
  readonly errors: number;
  /** Names the sensor: the spread depends on it and on the number of the poll alone. */
  readonly seed: string;
}

/** How long after a poll that found nothing the next one comes. */
export function waitAfterPoll({ firstMs, factor, maxMs }: PollEvery, { polls, seed }: PollFacts): number {
  return spread(Math.min(firstMs * factor ** polls, maxMs), seed, polls);
}

/** How long after a poll that went wrong the next one comes; undefined when it was one too many. */
export function waitAfterError({ pollEvery, errorsMax }: ErrorRules, facts: PollFacts): number | undefined {
  const errors = facts.errors + 1;
  if (errors >= errorsMax) return undefined;
  const waitMs = Math.min(pollEvery.firstMs * pollEvery.factor ** facts.polls, pollEvery.maxMs);
  const longestMs = Math.max(ERROR_WAIT_MS_MAX, pollEvery.maxMs);
  return spread(Math.min(waitMs * 2 ** errors, longestMs), facts.seed, facts.polls);
}

type ErrorRules = Pick<SensorSpec, "pollEvery" | "errorsMax">;

/** After so long a poll that was begun and not answered is lost. */
export function lostPollMs({ pollTimeoutMs }: Pick<SensorSpec, "pollTimeoutMs">): number {
  return pollTimeoutMs + LOST_POLL_GRACE_MS;
}

function spread(waitMs: number, seed: string, polls: number): number {
  return Math.ceil(waitMs * (1 - SPREAD * seededFraction(`${seed}/${polls}`)));
}
