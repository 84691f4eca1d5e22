import type { Json } from "../json.ts";

/** What a poll answers that has not found what its sensor waits for; made by `notYet()`. */
export interface NotYet {
  readonly batuta: "not_yet";
  /** For people: what was there. */
  readonly seen?: string;
  /** For the next poll, also after a restart. */
  readonly memory?: Json;
  /** In place of the next wait of the sensor. */
  readonly againMs?: number;
}

/** Also one of another copy of the package. */
export function isNotYet(answer: unknown): answer is NotYet {
  return typeof answer === "object" && answer !== null && "batuta" in answer && answer.batuta === "not_yet";
}

/** JSON text of what a poll may keep for the next one. */
export const MEMORY_BYTES_MAX = 64 * 1024;
