import { pipeline } from "batuta";

export default pipeline("one", ({ task }) => {
  task("only", async () => 1);
});
