/** Where in the user's sources something is defined. `file` is relative to the project folder, with `/`. */
export interface SourceLocation {
  readonly file: string;
  /** 1-based. */
  readonly line: number;
  /** 1-based. */
  readonly column?: number;
}
