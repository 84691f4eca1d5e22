import { BatutaError } from "../core/problem.ts";
import { didYouMean } from "./did-you-mean.ts";

const LISTED_MAX = 20;

/**
 * Index of the thing a person means: by its name or the beginning of it that no other has. Throws `not_found` with the
 * nearest name, or `usage` when several begin so. `noun` is what is looked for, such as `task`.
 */
export function findByName(noun: string, text: string, names: readonly string[]): number {
  const exact = names.indexOf(text);
  if (exact >= 0) return exact;
  const beginning = [...names.keys()].filter((index) => text !== "" && names[index]?.startsWith(text));
  const [only] = beginning;
  if (only !== undefined && beginning.length === 1) return only;
  if (beginning.length > 1) {
    const meant = listed(beginning.flatMap((index) => names[index] ?? []));
    throw new BatutaError("usage", `"${text}" is the beginning of several ${noun}s.`, {
      hint: `Write more of it: ${meant}.`,
    });
  }
  const known = names.length === 0 ? `There is no ${noun} at all.` : `There are: ${listed(names)}.`;
  throw new BatutaError("not_found", `There is no ${noun} "${text}".`, { hint: `${didYouMean(text, names)}${known}` });
}

function listed(names: readonly string[]): string {
  const shown = names.slice(0, LISTED_MAX).join(", ");
  return names.length > LISTED_MAX ? `${shown} and ${names.length - LISTED_MAX} more` : shown;
}
