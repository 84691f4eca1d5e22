/** A bug that somebody could write: in this file, this text becomes that one. */
export interface Mutant {
  readonly name: string;
  /** The field's bug it stands for, by its number, or the invariant it breaks. */
  readonly stands: string;
  /** Within `src`. */
  readonly file: string;
  /** Occurs exactly once. */
  readonly text: string;
  readonly becomes: string;
}

export function mutant(
  name: string,
  stands: string,
  file: string,
  [text, becomes]: readonly [text: string, becomes: string],
): Mutant {
  return { name, stands, file, text, becomes };
}
