import { pipeline } from "batuta";

export default pipeline("maps", ({ task, group }) => {
  const files = task("list_files", () => [
    { path: "a.csv", bytes: 10 },
    { path: "b.csv", bytes: 20 },
  ]);

  // One task run for each file, called size[0], size[1], …
  const sizes = task("size", { map: files, label: "path", maxParallel: 4 }, ({ item, index }) => item.bytes + index);
  task("total", { input: { sizes } }, async ({ input }) => {
    let total = 0;
    for await (const size of input.sizes) total += size;
    return total;
  });

  // One copy of the group for each region: each goes ahead on its own.
  const regions = group("region", { map: ["eu", "us"], maxParallel: 1 }, ({ task: member }) => {
    const rows = member("fetch", ({ item }) => [`${item}-1`, `${item}-2`]);
    return { stored: member("store", { input: { rows } }, ({ input }) => input.rows.length) };
  });
  task("summary", { input: { stored: regions.result.stored } }, async ({ input }) => await input.stored.toArray());
});
