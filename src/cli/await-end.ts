import { BatutaError } from "../core/problem.ts";
import { isRunFinished } from "../core/state.ts";
import { Reaper } from "../engine/reaper.ts";
import { sleep } from "../ports/clock.ts";
import { systemRandom, uuidv7 } from "../ports/random.ts";
import type { RunId, RunRecord, Store } from "../store/store.ts";
import type { Cli } from "./cli.ts";
import { commandText } from "./command-text.ts";
import { LEASE_MS } from "./embedded-engine.ts";
import { hostProcesses } from "./host-processes.ts";
import { shortId } from "./run-reference.ts";

const LOOK_MS = 200;

/**
 * Waits until a run that is being stopped has ended, by the process that executes it; one that is gone is cleared away
 * here, for nobody else would.
 */
export async function awaitEnd(cli: Cli, store: Store, id: RunId, timeoutMs: number): Promise<RunRecord> {
  const { clock } = cli;
  const self = { id: uuidv7(clock, systemRandom), leaseMs: LEASE_MS };
  const reaper = new Reaper(store, self, hostProcesses(clock), clock);
  const giveUpAt = clock.mono() + timeoutMs;
  for (let reapAt = clock.mono(); ; ) {
    if (clock.mono() >= reapAt) {
      reapAt = clock.mono() + (await reaper.poll());
    }
    const run = await store.run(id);
    if (run === undefined) throw new BatutaError("not_found", `Run ${id} is not in the database any more.`);
    if (isRunFinished(run.state)) return run;
    if (clock.mono() >= giveUpAt) {
      throw new BatutaError("wait_timeout", `Run ${shortId(id)} is still being cancelled.`, {
        hint: `It ends when its tasks have ended: ${commandText(cli, `why ${shortId(id)}`)} names them.`,
      });
    }
    await sleep(clock, LOOK_MS);
  }
}
