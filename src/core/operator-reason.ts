const PREFIX = "operator";

/** The reason recorded with a state that a person or token brought about: `operator: anna`. */
export function operatorReason(actor: string): string {
  return `${PREFIX}: ${actor}`;
}

/** Who is named by such a reason; undefined when no operator was the cause. */
export function operatorOf(reason: string | undefined): string | undefined {
  return reason?.startsWith(`${PREFIX}: `) === true ? reason.slice(PREFIX.length + 2) : undefined;
}
