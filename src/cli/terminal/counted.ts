/** `1 task`, `3 tasks`, `10,000 tasks`, `2 processes`. */
export function counted(count: number, noun: string): string {
  const ending = count === 1 ? "" : noun.endsWith("s") ? "es" : "s";
  return `${count.toLocaleString("en")} ${noun}${ending}`;
}
