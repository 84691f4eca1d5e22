import type { Line } from "./line.ts";
import { inChildProcess } from "./measures/child-process.ts";
import type { ScheduleFigures } from "./measures/schedule-process.ts";

/** 10,000 pipelines with a schedule each; of PostgreSQL the share is that of the engine's process alone. */
export async function scheduleLines(url: string): Promise<readonly Line[]> {
  const sqlite = await inChildProcess<ScheduleFigures>("schedule-process.ts", []);
  const postgres = await inChildProcess<ScheduleFigures>("schedule-process.ts", [url]);
  const line = (what: string, target: string, figure: (figures: ScheduleFigures) => string): Line => {
    return { what, target, sqlite: figure(sqlite), postgres: figure(postgres) };
  };
  return [
    line("10,000 schedules that wait", "≤ 3 % of a core", ({ idleShare }) => `${(idleShare * 100).toFixed(1)} %`),
    line("1,000 due in one second, until all started", "≤ 3 s", ({ stormMs }) => `${(stormMs / 1_000).toFixed(2)} s`),
    line(
      "100 ticks a second, tick to start",
      "≤ 1 s p99",
      ({ latenessMs: { p50, p99 } }) => `${p50} ms, ${p99} ms p99`,
    ),
  ];
}
