import type { Json } from "../core/json.ts";
import type { Database, Reader } from "./transaction.ts";
import type { Poll, PollClaim, PollClaims } from "./watch-records.ts";
import type { WatchRow } from "./watch-table.ts";

/** Takes polls that are due. Most looks find none, and cost no transaction. */
export async function claimPolls(database: Pick<Database, "read" | "write">, claim: PollClaim): Promise<PollClaims> {
  const waiting = await database.read((rows) => nextPoll(rows, claim));
  if (claim.limit < 1 || waiting.nextInMs === undefined || waiting.nextInMs > 0) return waiting;
  return database.write(async (tx) => {
    const taken = await tx.watches.claim(claim);
    return { ...(await nextPoll(tx, claim)), polls: taken.map(toPoll) };
  });
}

async function nextPoll(rows: Reader, claim: PollClaim): Promise<PollClaims> {
  const at = await rows.watches.nextPollAt(claim);
  return { now: rows.now, polls: [], ...(at === undefined ? {} : { nextInMs: Math.max(at - rows.now, 0) }) };
}

function toPoll(row: WatchRow): Poll {
  const { taskRunKey, generation, token, runId, taskIndex, mapKey, polls, errors, deadline, memory } = row;
  if (deadline === null) throw new Error(`The first poll of task run ${taskRunKey} has fixed no deadline`);
  return {
    ...{ taskRunKey, generation, token, runId, taskIndex, mapKey, polls, errors, deadline },
    ...(memory === null ? {} : { memory: JSON.parse(memory) as Json }),
  };
}
