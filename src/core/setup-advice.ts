import type { Advice } from "./advice.ts";
import type { PipelineSpec } from "./manifest.ts";

/** Set-ups that no tear-down names: what they make is never taken away, and they hold back no work. */
export function setupAdvice({ tasks }: Pick<PipelineSpec, "tasks">): readonly Advice[] {
  const used = new Set(tasks.flatMap(({ cleanup }) => cleanup?.setups ?? []));
  return tasks.flatMap(({ name, location, role }, index) => {
    if (role !== "setup" || used.has(index)) return [];
    const message = `No tear-down takes away what set-up "${name}" makes.`;
    return [{ location, message, hint: `Write a task with teardown: "${name}", or leave setup: true away.` }];
  });
}
