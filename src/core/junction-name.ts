/** What a junction belongs to, by the name that people know: `load` for `load/start`. Any other name as it is. */
export function withoutJunction(name: string): string {
  return name.split("/", 1)[0] ?? name;
}
