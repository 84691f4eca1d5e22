import type { TaskSpec } from "./manifest.ts";

/** Whether a task is no work of the user's but stands between tasks, such as at the start of a group. People see none. */
export function isJunction({ execution }: Pick<TaskSpec, "execution">): boolean {
  return execution.via === "none";
}
