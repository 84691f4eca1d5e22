import { expect, test } from "vitest";
import type { ProcessRow, ProcessTable } from "../ports/process-table.ts";
import { VirtualClock } from "../testing/virtual-clock.ts";
import { type TreeSample, UsageSampler } from "./usage-sampler.ts";

test("a tree is sampled after 10 ms, then at pauses that double up to 500 ms", () => {
  const { clock, sampler } = setup([row(1, 0)]);
  const times: number[] = [];
  sampler.watch(1, () => times.push(clock.mono()));
  clock.advanceBy(2_100);
  expect(times).toEqual([10, 20, 40, 80, 160, 320, 640, 1140, 1640]);
});

test("a sample adds up the group and all descendants, whatever their group", () => {
  const rows = [row(1, 0), row(2, 1, { group: 2 }), row(3, 2, { group: 2 }), row(4, 99, { group: 1 }), row(5, 99)];
  const { clock, sampler } = setup(rows);
  const samples: TreeSample[] = [];
  sampler.watch(1, (sample) => samples.push(sample));
  clock.advanceBy(10);
  expect(samples).toEqual([{ cpuMs: 4, residentBytes: 400 }]);
});

test("attempts shorter than 10 ms cost no reading of the process table", () => {
  const { clock, sampler, readings } = setup([row(1, 0)]);
  for (let index = 0; index < 100; index++) {
    const watch = sampler.watch(1, () => {});
    clock.advanceBy(5);
    sampler.stop(watch);
  }
  expect(readings()).toBe(0);
});

test("many attempts share one reading, and none is made when nothing runs", () => {
  const { clock, sampler, readings } = setup([row(1, 0), row(2, 0)]);
  const watches = [sampler.watch(1, () => {}), sampler.watch(2, () => {})];
  clock.advanceBy(15);
  expect(readings()).toBe(1);
  for (const watch of watches) sampler.stop(watch);
  clock.advanceBy(10_000);
  expect(readings()).toBe(1);
});

test("where reading the table is slow, it is read more seldom", () => {
  const { clock, sampler, readings } = setup([row(1, 0)], { costMs: 100 });
  sampler.watch(1, () => {});
  clock.advanceBy(10_000);
  expect(readings()).toBeLessThanOrEqual(6);
  expect(readings()).toBeGreaterThanOrEqual(4);
});

test("a process that has gone gives no sample", () => {
  const { clock, sampler } = setup([]);
  sampler.watch(1, () => expect.unreachable());
  clock.advanceBy(1_000);
});

function setup(rows: readonly ProcessRow[], { costMs = 0 } = {}) {
  const clock = new VirtualClock(0);
  let readings = 0;
  const table: ProcessTable = {
    rows: () => {
      readings += 1;
      clock.advanceBy(costMs);
      return rows;
    },
    marked: () => [],
    startTimeOf: () => undefined,
    hostId: () => "host",
  };
  return { clock, sampler: new UsageSampler(table, clock), readings: () => readings };
}

function row(pid: number, parent: number, { group = pid } = {}): ProcessRow {
  return { pid, parent, group, startTime: "1", cpuMs: 1, residentBytes: 100 };
}
