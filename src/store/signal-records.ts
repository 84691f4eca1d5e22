/** What became of an event that was sent. */
export interface EmittedSignal {
  readonly name: string;
  readonly id: string;
  /** False: there was one with this name and id already, and it stays as it is. */
  readonly isNew: boolean;
}
