const NAME_LENGTH_MAX = 200;
const NAME = /^[A-Za-z_][A-Za-z0-9_./-]*$/;

/** What is wrong with the name of an event that people send: none may look like one of Batuta's own, `pipeline:…`. */
export function eventNameFault(name: unknown): string | undefined {
  if (typeof name !== "string") return "is not text";
  if (name === "") return "is empty";
  if (name.length > NAME_LENGTH_MAX) return `has ${name.length} characters; ${NAME_LENGTH_MAX} are allowed`;
  return NAME.test(name) ? undefined : "is no name of an event";
}

export const EVENT_NAME_HINT = "Use letters, digits, _, ., / and -, beginning with a letter: orders.arrived.";
