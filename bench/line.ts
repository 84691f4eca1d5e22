/** One line of the table: what is measured, and what it should be at most (or at least). */
export interface Line {
  readonly what: string;
  readonly target: string;
  readonly sqlite: string;
  readonly postgres: string;
}
