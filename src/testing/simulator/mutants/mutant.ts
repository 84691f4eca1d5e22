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
  /** Each of these must find it. */
  readonly hunts: readonly Hunt[];
}

/** Worlds of the simulator, histories on a real PostgreSQL, or a test file, within `src`, that says by example. */
export type Hunt = "worlds" | "histories" | TestFile;

type TestFile = `${string}.test.ts`;

type Change = readonly [text: string, becomes: string];

export function mutant(name: string, stands: string, file: string, [text, becomes]: Change): Mutant {
  return { name, stands, file, text, becomes, hunts: ["worlds"] };
}

/** One that a real PostgreSQL must show as well. */
export function onBoth(mutant: Mutant): Mutant {
  return { ...mutant, hunts: ["worlds", "histories"] };
}

/** One of what is different on PostgreSQL, or of what one connection alone never does. */
export function onPostgres(mutant: Mutant): Mutant {
  return { ...mutant, hunts: ["histories"] };
}

/** One that neither worlds nor histories can show: they do not go there, or only its slowness can be seen. */
export function inTest(file: TestFile, mutant: Mutant): Mutant {
  return { ...mutant, hunts: [file] };
}
