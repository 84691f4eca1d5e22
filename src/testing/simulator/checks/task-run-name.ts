/** Names a task run within its run. */
export function nameOf({ taskIndex, mapKey }: { readonly taskIndex: number; readonly mapKey: string }): string {
  return `${taskIndex}/${mapKey}`;
}
