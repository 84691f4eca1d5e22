import { expect, it } from "vitest";
import { taskLog } from "./task-log.ts";

it("B59: cuts a line of a log that is larger than a message may be, and says so", () => {
  const sent: string[] = [];
  const log = taskLog((line) => sent.push(line));
  log.info("short", { rows: 3 });
  log.warn("x".repeat(200 * 2 ** 20));
  expect(sent[0]).toContain('short {"rows":3}');
  expect(sent[1]?.length).toBeLessThan(2 ** 20 + 100);
  expect(sent[1]?.slice(-25)).toBe("x… (209715200 characters)");
});
