import { pipeline } from "batuta";

/** 1,000 tasks that do nothing, one after the other. */
export default pipeline("chain", ({ task }) => {
  let before = task("task_0", async () => {});
  for (let index = 1; index < 1_000; index++) before = task(`task_${index}`, { after: [before] }, async () => {});
});
