import { oneLine } from "./text-width.ts";

const WORDS: ReadonlyMap<string, string> = new Map([
  ["done_when", "was done already"],
  ["run_if", "its runIf was false"],
]);

/** The recorded reason of a state in a few words; "" where it says no more than the state does. */
export function reasonText(reason: string | undefined, state: string): string {
  if (reason === undefined || reason === state || reason === "operator") return "";
  return WORDS.get(reason) ?? oneLine(reason);
}
