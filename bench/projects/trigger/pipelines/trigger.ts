import { pipeline } from "batuta";

/** Says when its task began, in milliseconds since 1970 with fractions. */
export default pipeline("trigger", ({ task }) => {
  task("begin", () => performance.timeOrigin + performance.now());
});
