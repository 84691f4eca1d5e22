import type { SourceLocation } from "./source-location.ts";

/** What is allowed and probably not meant. */
export interface Advice {
  readonly location: SourceLocation;
  readonly message: string;
  readonly hint: string;
}
