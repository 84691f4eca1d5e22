import { pipeline } from "batuta";

export default pipeline("cleanup", ({ task }) => {
  const cluster = task("create_cluster", { setup: true }, () => ({ id: "c-1" }));
  const sorted = task("sort", { input: { cluster } }, ({ input }) => `sorted on ${input.cluster.id}`);
  const joined = task("join", { input: { sorted } }, ({ input }) => input.sorted);
  task("delete_cluster", { teardown: cluster, input: { cluster }, after: joined }, ({ input, log }) => {
    log.info("deleted", { cluster: input.cluster.id });
  });
  task("publish", { input: { joined } }, ({ input }) => input.joined);
});
