/**
 * A value that survives `JSON.stringify` and `JSON.parse` unchanged.
 *
 * @example
 * const row: Json = { id: 1, tags: ["new"], note: null };
 */
export type Json = null | boolean | number | string | readonly Json[] | { readonly [key: string]: Json | undefined };

/**
 * What a dependant sees of a value `T` that crossed a process border as JSON. JSON is left as it is, `toJSON` decides
 * for its object (a `Date` becomes text), `undefined` becomes `null` wherever it cannot be left out.
 *
 * @example
 * type Seen = Jsonify<{ at: Date }>; // { at: string }
 */
export type Jsonify<T> = T extends Json
  ? T
  : T extends { toJSON(): infer R }
    ? Jsonify<R>
    : T extends undefined | void
      ? null
      : T extends bigint | symbol | ((...args: never[]) => unknown)
        ? never
        : T extends readonly (infer E)[]
          ? number extends T["length"]
            ? Jsonify<E>[]
            : { [K in keyof T]: Jsonify<T[K]> }
          : T extends object
            ? { [K in keyof T as K extends string ? K : never]: JsonifyField<T[K]> }
            : unknown extends T
              ? Json
              : never;

type JsonifyField<T> = undefined extends T ? Jsonify<Exclude<T, undefined>> | undefined : Jsonify<T>;
