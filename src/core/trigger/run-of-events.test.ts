import { expect, test } from "vitest";
import { renderParams } from "../render-params.ts";
import { eventScope, spanOf } from "./run-of-events.ts";
import type { PipelineSource } from "./trigger-spec.ts";

const HOUR_MS = 3_600_000;
const DAY = Date.UTC(2026, 0, 2);

function event(id: string, at: number, payload: Parameters<typeof renderParams>[0] = {}) {
  return { id, name: "orders", at, payload };
}

test("TI-2: a run takes the span of the events it consumes, of one event its moment", () => {
  const source = { kind: "event", event: "orders", filter: { where: [] } } as const;
  expect(spanOf(source, [event("1", DAY)])).toEqual({ start: DAY, end: DAY });
  const late = [event("1", DAY + HOUR_MS), event("2", DAY), event("3", DAY + 1)];
  expect(spanOf(source, late)).toEqual({ start: DAY, end: DAY + HOUR_MS });
});

test("TI-2: a run after another pipeline's takes the span of its intervals, or the moment of its end", () => {
  const same: PipelineSource = { kind: "pipeline", pipeline: "daily", state: "success", interval: "same" };
  const end = (start: string, until: string) => event("1", DAY, { interval: { start, end: until } });
  const two = [
    end("2026-01-01T00:00:00.000Z", "2026-01-02T00:00:00.000Z"),
    end("2025-12-31T00:00Z", "2026-01-01T00:00Z"),
  ];
  expect(spanOf(same, two)).toEqual({ start: Date.UTC(2025, 11, 31), end: DAY });
  expect(spanOf({ ...same, interval: "none" }, two)).toEqual({ start: DAY, end: DAY });
  expect(spanOf(same, [event("1", DAY, "by hand")])).toEqual({ start: DAY, end: DAY });
});

test("parameters name the newest event, its data and all events", () => {
  const events = [event("1", DAY, { path: "a.csv" }), event("2", DAY + 1, { path: "b.csv", id: "of the data" })];
  const scope = eventScope(events, { interval: { start: DAY, end: DAY + 1 }, timezone: "Europe/Zurich" });
  expect(
    renderParams({ file: "{{ event.path }}", id: "{{ event.id }}", its: "{{ event.payload.id }}" }, scope),
  ).toEqual({
    ...{ file: "b.csv", id: "2", its: "of the data" },
  });
  expect(renderParams("{{ events.0.path }} of {{ ds }}", scope)).toBe("a.csv of 2026-01-02");
  expect(renderParams("{{ events }}", scope)).toMatchObject([{ path: "a.csv" }, { at: "2026-01-02T00:00:00.001Z" }]);
  expect(() => renderParams("{{ event.pth }}", scope)).toThrow(/names nothing/);
});
