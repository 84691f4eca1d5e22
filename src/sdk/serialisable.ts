import type { Json } from "../core/json.ts";

/**
 * The type of what a task returns must survive JSON, for values cross processes as JSON. `Serialisable<R>` adds
 * nothing to a type that does; to another it adds a property that names the path to the trouble, so that the
 * compiler's message does too.
 *
 * @example
 * function extract<T>(fetch: () => T & Serialisable<T>) {
 *   return task("extract", fetch);
 * }
 */
export type Serialisable<R> = [Trouble<Awaited<R>>] extends [never]
  ? unknown
  : { readonly "Values cross as JSON, and this cannot": Trouble<Awaited<R>> };

/**
 * `never` when `T` survives, else the path and kind of what does not. Types that contain themselves are followed a
 * few levels down; the rest is checked when the value is there.
 */
export type Trouble<T, Path extends string = "", Depth extends readonly 0[] = []> = Depth["length"] extends 6
  ? never
  : [T] extends [Json | undefined | void]
    ? never
    : unknown extends T
      ? never
      : TroubleOf<T, Path, Depth>;

type TroubleOf<T, Path extends string, Depth extends readonly 0[]> = T extends Json | undefined | void
  ? never
  : T extends bigint
    ? At<Path, "a BigInt">
    : T extends symbol
      ? At<Path, "a symbol">
      : T extends (...args: never[]) => unknown
        ? At<Path, "a function">
        : T extends { toJSON(): infer R }
          ? Trouble<R, Path, [...Depth, 0]>
          : T extends ReadonlyMap<unknown, unknown> | WeakMap<WeakKey, unknown>
            ? At<Path, "a Map">
            : T extends ReadonlySet<unknown> | WeakSet<WeakKey>
              ? At<Path, "a Set">
              : T extends PromiseLike<unknown>
                ? At<Path, "a promise">
                : T extends RegExp
                  ? At<Path, "a RegExp">
                  : T extends Error
                    ? At<Path, "an Error">
                    : T extends ArrayBuffer | ArrayBufferView
                      ? At<Path, "binary data">
                      : T extends readonly (infer E)[]
                        ? Trouble<E, `${Path}[]`, [...Depth, 0]>
                        : { [K in keyof T & string]-?: Trouble<T[K], Field<Path, K>, [...Depth, 0]> }[keyof T & string];

type Field<Path extends string, Name extends string> = Path extends "" ? Name : `${Path}.${Name}`;

type At<Path extends string, What extends string> = Path extends "" ? What : `${Path} is ${What}`;
