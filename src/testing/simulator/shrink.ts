import type { PipelineSpec, TaskSpec } from "../../core/manifest.ts";
import type { Finding } from "./findings.ts";
import { simulate, type WorldReport } from "./simulate.ts";
import type { ActionPlan, Scenario } from "./workload/scenario.ts";

/** Worlds that shrinking may try. */
const TRIES_MAX = 600;

/** A small world that breaks the same rule. */
export interface SmallCase {
  readonly scenario: Scenario;
  /** Faults of calls that need not strike. */
  readonly dropped: ReadonlySet<string>;
  readonly report: WorldReport;
  readonly tries: number;
}

/** Leaves out of a failing world whatever it still fails without, until nothing can be left out. */
export async function shrink(scenario: Scenario, finding: Finding): Promise<SmallCase> {
  const shrinking = new Shrinking(finding.rule, scenario);
  await shrinking.run();
  return shrinking.result();
}

class Shrinking {
  readonly #rule: string;
  #scenario: Scenario;
  #dropped: ReadonlySet<string> = new Set();
  #tries = 0;

  constructor(rule: string, scenario: Scenario) {
    this.#rule = rule;
    this.#scenario = scenario;
  }

  async run(): Promise<void> {
    for (let before = -1; before !== sizeOf(this.#scenario) && this.#tries < TRIES_MAX; ) {
      before = sizeOf(this.#scenario);
      await this.#drop((scenario) => runsOf(scenario), withoutRun);
      await this.#drop(
        ({ spells }) => spells,
        (scenario, spell) => ({ ...scenario, spells: scenario.spells.filter((one) => one !== spell) }),
      );
      await this.#drop(({ callFaults }) => Object.keys(callFaults), withoutFaultClass);
      await this.#drop(
        ({ nodes }) => nodes.slice(1),
        (scenario, node) => ({ ...scenario, nodes: scenario.nodes.filter((one) => one !== node) }),
      );
      await this.#drop(
        ({ actions, chaosMs }) => actions.filter((action) => action.kind !== "create" && !opens(action, chaosMs)),
        (scenario, action) => ({ ...scenario, actions: scenario.actions.filter((one) => one !== action) }),
      );
      await this.#drop(tasksOf, withoutTask);
    }
    await this.#dropFaults();
  }

  async result(): Promise<SmallCase> {
    const report = await simulate(this.#scenario, { dropped: this.#dropped, keepsTrace: true });
    return { scenario: this.#scenario, dropped: this.#dropped, report, tries: this.#tries };
  }

  /** One part after the other, the last first: what depends on others comes later. */
  async #drop<Part>(
    parts: (scenario: Scenario) => readonly Part[],
    without: (scenario: Scenario, part: Part) => Scenario,
  ): Promise<void> {
    for (let index = parts(this.#scenario).length - 1; index >= 0; index--) {
      const part = parts(this.#scenario)[index];
      if (part === undefined) continue;
      const smaller = without(this.#scenario, part);
      if (await this.#stillFails(smaller, this.#dropped)) this.#scenario = smaller;
    }
  }

  /** Half of the faults of calls, then quarters, then each. */
  async #dropFaults(): Promise<void> {
    let struck = (await simulate(this.#scenario, { dropped: this.#dropped })).struck;
    for (let size = Math.ceil(struck.length / 2); size >= 1; size = size === 1 ? 0 : Math.ceil(size / 2)) {
      for (let from = 0; from < struck.length; from += size) {
        const dropped = new Set([...this.#dropped, ...struck.slice(from, from + size)]);
        if (!(await this.#stillFails(this.#scenario, dropped))) continue;
        this.#dropped = dropped;
        struck = (await simulate(this.#scenario, { dropped })).struck;
        from -= size;
      }
    }
  }

  async #stillFails(scenario: Scenario, dropped: ReadonlySet<string>): Promise<boolean> {
    if (this.#tries >= TRIES_MAX) return false;
    this.#tries += 1;
    const { finding } = await simulate(scenario, { dropped });
    return finding?.rule === this.#rule;
  }
}

function sizeOf({ actions, spells, nodes, pipelines, callFaults }: Scenario): number {
  const tasks = pipelines.reduce((sum, pipeline) => sum + pipeline.tasks.length, 0);
  return actions.length + spells.length + nodes.length + tasks + Object.keys(callFaults).length;
}

/** Without it something would stay closed for ever. */
function opens({ kind, atMs }: ActionPlan, chaosMs: number): boolean {
  return kind === "resume" || (kind === "limit" && atMs > chaosMs);
}

function runsOf({ actions }: Scenario): readonly string[] {
  return [...new Set(actions.map(({ run }) => run))];
}

function withoutRun(scenario: Scenario, run: string): Scenario {
  return { ...scenario, actions: scenario.actions.filter((action) => action.run !== run) };
}

function withoutFaultClass(scenario: Scenario, fault: string): Scenario {
  const left = Object.entries(scenario.callFaults).filter(([name]) => name !== fault);
  return { ...scenario, callFaults: Object.fromEntries(left) };
}

interface TaskOfScenario {
  readonly pipeline: PipelineSpec;
  readonly index: number;
}

/** Of plain graphs alone: elsewhere indexes stand in more places than can be moved. */
function tasksOf({ pipelines }: Scenario): readonly TaskOfScenario[] {
  const plain = pipelines.filter(({ groups, tasks }) => groups === undefined && tasks.every(({ gates }) => !gates));
  return plain.flatMap((pipeline) => [...pipeline.tasks.keys()].map((index) => ({ pipeline, index })));
}

/** The tasks after it move up by one. */
function withoutTask(scenario: Scenario, { pipeline, index }: TaskOfScenario): Scenario {
  const tasks = pipeline.tasks.filter((_, at) => at !== index).map((task) => withoutUpstream(task, index));
  const smaller = { ...pipeline, tasks };
  return { ...scenario, pipelines: scenario.pipelines.map((one) => (one === pipeline ? smaller : one)) };
}

function withoutUpstream(task: TaskSpec, gone: number): TaskSpec {
  const moved = (index: number): number => (index > gone ? index - 1 : index);
  const input = Object.entries(task.input).filter(([, index]) => index !== gone);
  return {
    ...task,
    upstream: task.upstream.filter((index) => index !== gone).map(moved),
    input: Object.fromEntries(input.map(([name, index]) => [name, moved(index)])),
  };
}
