import type { Advice } from "./advice.ts";
import { isJunction } from "./junction.ts";
import { withoutJunction } from "./junction-name.ts";
import type { PipelineSpec, TaskSpec } from "./manifest.ts";

/**
 * SK-5: tasks that join the ways of a branch again with all_success. The branch leaves some of its ways out, so such a
 * task is skipped nearly always.
 */
export function joinAdvice({ tasks }: Pick<PipelineSpec, "tasks">): readonly Advice[] {
  return tasks.flatMap((task, branch) => (task.decides === "branch" ? joinsAfter(branch, tasks) : []));
}

function joinsAfter(branch: number, tasks: readonly TaskSpec[]): readonly Advice[] {
  /** Task -> the choice of the branch without which it is skipped. */
  const ways = new Map<number, number>();
  const found: Advice[] = [];
  for (const [index, task] of tasks.entries()) {
    if (index <= branch || task.role === "teardown") continue;
    const isChoice = task.upstream.includes(branch) && task.gates?.includes(branch) === true;
    const needed = neededWays(task, tasks, ways);
    if (isChoice) needed.set(index, index);
    const [first, second] = [...needed];
    if (first === undefined) continue;
    if (second === undefined) ways.set(index, first[0]);
    else found.push(joinAt(index, { branch, tasks, names: [...needed.values()] }));
  }
  return found;
}

/** The ways that must all have been chosen for the task to run, each with the upstream task that it leads over. */
function neededWays(
  { upstream, gates = [], when }: TaskSpec,
  tasks: readonly TaskSpec[],
  ways: ReadonlyMap<number, number>,
): Map<number, number> {
  const needed = new Map<number, number>();
  const add = (from: number): void => {
    const way = ways.get(from);
    if (way !== undefined && !needed.has(way)) needed.set(way, from);
  };
  for (const gate of gates) if (tasks[gate]?.decides === undefined) add(gate);
  if (when === "all_success") for (const from of upstream) add(from);
  if (!WITHOUT_ANY_SKIPPED.includes(when)) return needed;
  // Skipped only if all are: that is when all of them lead over the same way.
  const over = new Set(upstream.map((from) => ways.get(from)));
  const [only] = upstream;
  if (over.size === 1 && only !== undefined) add(only);
  return needed;
}

const WITHOUT_ANY_SKIPPED: readonly TaskSpec["when"][] = [
  "one_success",
  "all_done_min_one_success",
  "none_failed_min_one_success",
];

interface Join {
  readonly branch: number;
  readonly tasks: readonly TaskSpec[];
  readonly names: readonly number[];
}

function joinAt(index: number, { branch, tasks, names }: Join): Advice {
  const called = (task: number): string => `"${withoutJunction(tasks[task]?.name ?? "")}"`;
  const others = names.filter((task) => task !== index).map(called);
  const { location = { file: "", line: 1 }, execution } = tasks[index] ?? {};
  const kind = execution !== undefined && isJunction({ execution }) ? "Group" : "Task";
  const itself = others.length < names.length ? ", beside itself" : "";
  return {
    location,
    message: `${kind} ${called(index)} waits with all_success for ${others.join(" and ")}, of which branch ${called(branch)} may choose only some${itself}: then it is skipped.`,
    hint: 'Write when: "none_failed_min_one_success", and it runs after whatever was chosen.',
  };
}
