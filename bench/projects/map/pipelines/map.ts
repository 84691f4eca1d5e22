import { pipeline } from "batuta";

/** A list of 100,000 items, a task run for each that does nothing, and a join that reads all of their values. */
export default pipeline("map", ({ task }) => {
  const list = task("list", () => Array.from({ length: 100_000 }, (_, item) => item));
  const each = task("each", { map: list }, ({ item }) => item);
  task("join", { input: { each } }, async ({ input }) => {
    let sum = 0;
    for await (const value of input.each) sum += value;
    return sum;
  });
});
