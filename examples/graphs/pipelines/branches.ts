import { pipeline } from "batuta";

export default pipeline("branches", ({ task, branch, shortCircuit }) => {
  const isWeekday = shortCircuit("is_weekday", ({ interval }) => ![0, 6].includes(interval.start.getUTCDay()));
  const count = task("count_orders", { after: isWeekday }, () => 1_200);

  const choose = branch("choose", { input: { count } }, ({ input }) =>
    input.count > 1_000 ? "load_bulk" : "load_rows",
  );
  const bulk = task("load_bulk", { after: choose }, () => "bulk");
  const rows = task("load_rows", { after: choose }, () => "rows");

  // Which of the two was chosen does not matter to the task that joins them.
  const publish = task("publish", { after: [bulk, rows], when: "none_failed_min_one_success" }, () => {});
  task("send_invoice", { after: publish, runIf: ({ ds }) => ds.endsWith("-02") }, () => {});
});
