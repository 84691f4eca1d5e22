/**
 * What a dependant receives from a mapped task: the values of its task runs in the order of the items. They are read
 * one after the other, so that not all of them need to fit into memory.
 *
 * @example
 * const sizes = task("size", { map: files }, ({ item }) => sizeOf(item));
 * task("total", { input: { sizes } }, async ({ input }) => {
 *   let total = 0;
 *   for await (const size of input.sizes) total += size;
 *   return total;
 * });
 */
export interface Mapped<T> extends AsyncIterable<T> {
  readonly length: number;
  toArray(): Promise<T[]>;
}
