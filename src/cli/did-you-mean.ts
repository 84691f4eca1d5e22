import { closestName } from "../core/closest-name.ts";

/** `Did you mean "x"? `, with the space behind it, or nothing when no name is near. */
export function didYouMean(wrong: string, names: Iterable<string>): string {
  const closest = closestName(wrong, names);
  return closest === undefined ? "" : `Did you mean "${closest}"? `;
}
