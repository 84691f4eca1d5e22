import type { AttemptOrder, AttemptReport } from "../../../execution/executor.ts";
import type { Database } from "../../../store/transaction.ts";
import type { CallFaults } from "../faults/call-faults.ts";
import type { Findings } from "../findings.ts";
import type { Probes } from "../probes.ts";
import type { Scenario } from "../workload/scenario.ts";
import type { Dice } from "../world/dice.ts";
import type { World } from "../world/world.ts";
import type { EffectLedger } from "./effect-ledger.ts";
import type { Life } from "./life.ts";
import type { TaskProcess } from "./task-process.ts";

/** What all nodes of one world have in common. */
export interface Cluster {
  readonly scenario: Scenario;
  readonly world: World;
  readonly dice: Dice;
  readonly database: Database;
  readonly faults: CallFaults;
  readonly findings: Findings;
  readonly probes: Probes;
  readonly ledger: EffectLedger;
  /** Different for every process of the world. */
  readonly nextPid: () => number;
  /** Told of every process that starts, and whose engine's life it belongs to. */
  readonly onProcess: (process: TaskProcess, life: Life) => void;
  /** Told of every report that an engine hears. */
  readonly onReport: (order: AttemptOrder, report: AttemptReport) => void;
}
