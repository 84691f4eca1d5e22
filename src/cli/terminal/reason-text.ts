import { oneLine } from "./text-width.ts";

/** The recorded reason of a state in a few words; "" where it says no more than the state does. */
export function reasonText(reason: string | undefined, state: string): string {
  if (reason === undefined || reason === state || reason === "operator") return "";
  return reason === "done_when" ? "was done already" : oneLine(reason);
}
