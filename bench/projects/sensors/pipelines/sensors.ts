import { notYet, pipeline } from "batuta";
import { file, poll } from "batuta/tasks";

const HALF = Array.from({ length: 500 }, (_, item) => item);

/** 1,000 sensors that wait for what never comes: half for files, half for what a function of this pipeline looks for. */
export default pipeline("sensors", ({ task }) => {
  task("files", { map: HALF }, file("in/{{ item }}/*.csv", { pollEvery: "30s" }));
  task(
    "functions",
    { map: HALF },
    poll(() => notYet("nothing"), { pollEvery: "30s" }),
  );
});
