import { pipeline } from "batuta";

/** 1 task, then 10,000 that do nothing side by side, then 1. */
export default pipeline("fan", ({ task }) => {
  const first = task("first", async () => {});
  const middle = Array.from({ length: 10_000 }, (_, index) =>
    task(`task_${index}`, { after: [first] }, async () => {}),
  );
  task("last", { after: middle }, async () => {});
});
