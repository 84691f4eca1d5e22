import { BatutaError } from "../core/problem.ts";

/** A whole number given as an option, within bounds. */
export function wholeNumber(
  option: string,
  text: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const number = Number(text);
  if (text.trim() !== "" && Number.isSafeInteger(number) && number >= min && number <= max) return number;
  throw new BatutaError("usage", `${option} ${text} is not a whole number from ${min} to ${max}.`, {
    hint: `Write it like ${option} ${Math.max(min, 10)}.`,
  });
}

/** An option that may be given again and again. */
export function collected(value: string, before: readonly string[] = []): readonly string[] {
  return [...before, value];
}
