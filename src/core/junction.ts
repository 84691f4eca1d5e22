import type { TaskSpec } from "./manifest.ts";

/** Whether a task is no work of the user's but stands between tasks, such as at the start of a group. People see none. */
export function isJunction({ execution }: Pick<TaskSpec, "execution">): boolean {
  return execution.via === "none";
}

/** What a junction belongs to, by the name that people know: `load` for `load/start`. Any other name as it is. */
export function withoutJunction(name: string): string {
  return name.split("/", 1)[0] ?? name;
}
