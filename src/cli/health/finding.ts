/** What one look at the machine or the project has shown. */
export interface Finding {
  readonly about: string;
  /** `warn`: works, but somebody should know; `fail`: pipelines will not run. */
  readonly level: "ok" | "warn" | "fail";
  readonly message: string;
  /** How to mend it. */
  readonly remedy?: string;
}
