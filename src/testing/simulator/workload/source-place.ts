/** How far a source has been read. */
export interface Place {
  readonly at: number;
  /** Who has set it there last, where a person has: each sets it once. */
  readonly by: string;
}

export const BEGINNING: Place = { at: 0, by: "" };
