/**
 * No inputs, no parameters: an object without known fields.
 *
 * @example
 * const context: TaskContext<Nothing, { region: string }> = contextOfMyTest;
 */
export type Nothing = Readonly<Record<never, never>>;
