import { join } from "node:path";
import { campaign } from "../src/testing/simulator/campaign.ts";
import type { Line } from "./line.ts";
import type { BackfillFigures } from "./measures/backfill-process.ts";
import { inChildProcess } from "./measures/child-process.ts";
import { commandMs } from "./measures/command.ts";
import type { EngineFigures } from "./measures/engine-process.ts";
import { fsyncMs } from "./measures/fsync.ts";
import type { HistoryFigures } from "./measures/history-process.ts";
import { hotReloadMs } from "./measures/hot-reload.ts";
import { loadMs } from "./measures/load.ts";
import { type MapRunFigures, mapRun } from "./measures/map-command.ts";
import type { MapFigures } from "./measures/map-process.ts";
import { ruleDecisionsPerSecond } from "./measures/rule-decisions.ts";
import type { SensorFigures } from "./measures/sensor-process.ts";
import { median } from "./measures/timing.ts";
import { PROJECTS } from "./measures/warm-engine.ts";
import { scheduleLines } from "./schedule-lines.ts";

/** Measures something with both databases; `url` is that of PostgreSQL. */
type Measure = (url: string) => Promise<readonly Line[]>;

const TASKS_IN_FAN = 10_002;
const TASKS_IN_CHAIN = 1_000;
const SIMULATED_WORLDS = 200;
const ITEMS = 100_000;
const PAST_TASK_RUNS = 1_000_000;

/** By the names that `--only` takes. */
export const LINES: Readonly<Record<string, Measure>> = {
  version: versionLine,
  cold: coldRunLine,
  chain: chainLines,
  fan: fanLines,
  trigger: triggerLine,
  load: loadLine,
  reload: reloadLines,
  map: mapLines,
  "map-run": mapRunLines,
  backfill: backfillLines,
  rules: ruleLine,
  history: historyLines,
  sensors: sensorLine,
  schedules: scheduleLines,
  simulator: simulatorLine,
};

/** Worlds of the simulator on one core; they know no PostgreSQL. */
async function simulatorLine(): Promise<readonly Line[]> {
  const began = performance.now();
  const { seeds } = await campaign({ seeds: SIMULATED_WORLDS });
  const sqlite = `${Math.round(seeds / ((performance.now() - began) / 1_000))} seeds/s`;
  return [{ what: "simulator", target: "≥ 10 seeds/s", sqlite, postgres: "" }];
}

/** They hold no slot, and what looks for them shall hold no core (WT-1). */
async function sensorLine(url: string): Promise<readonly Line[]> {
  const share = ({ coreShare, polls }: SensorFigures): string =>
    `${(100 * coreShare).toFixed(1)} % of a core, ${polls.toFixed(0)} looks/s`;
  const sqlite = share(await inChildProcess<SensorFigures>("sensor-process.ts", []));
  const postgres = share(await inChildProcess<SensorFigures>("sensor-process.ts", [url]));
  return [{ what: "1,000 waiting sensors", target: "≤ 5 % of a core", sqlite, postgres }];
}

async function versionLine(): Promise<readonly Line[]> {
  const measured = ms(await commandMs({ args: ["--version"], cwd: PROJECTS }, 20));
  return [{ what: "batuta --version", target: "≤ 100 ms", sqlite: measured, postgres: measured }];
}

async function coldRunLine(url: string): Promise<readonly Line[]> {
  const cwd = join(PROJECTS, "one");
  const sqlite = await commandMs({ args: ["run", "one"], cwd }, 5);
  const postgres = await commandMs({ args: ["run", "one"], cwd, env: { BATUTA_DATABASE_URL: url } }, 5);
  const what = "run of one task, from start to exit";
  return [{ what, target: "≤ 1 s", sqlite: ms(sqlite), postgres: ms(postgres) }];
}

async function chainLines(url: string): Promise<readonly Line[]> {
  const fsync = await fsyncMs(PROJECTS);
  const hop = ({ runMs }: EngineFigures): string => `${(median(runMs) / TASKS_IN_CHAIN).toFixed(2)} ms a hop`;
  const sqlite = hop(await engine("chain", 5));
  const postgres = hop(await engine("chain", 5, url));
  return [
    { what: "fsync of the disk", target: "", sqlite: ms(fsync), postgres: ms(fsync) },
    { what: "chain of 1,000 tasks", target: `≤ ${(fsync + 1).toFixed(2)} ms a hop`, sqlite, postgres },
  ];
}

async function fanLines(url: string): Promise<readonly Line[]> {
  const sqlite = await engine("fan", 5);
  const postgres = await engine("fan", 5, url);
  const speed = ({ runMs }: EngineFigures): string => perSecond(TASKS_IN_FAN / (median(runMs) / 1_000));
  const memory = ({ peakMemoryBytes }: EngineFigures): string => megabytes(peakMemoryBytes);
  const target = "≥ 5,000, PostgreSQL ≥ 3,000";
  return [
    { what: "1 → 10,000 → 1 tasks", target, sqlite: speed(sqlite), postgres: speed(postgres) },
    { what: "memory of that engine", target: "≤ 300 MB", sqlite: memory(sqlite), postgres: memory(postgres) },
  ];
}

async function triggerLine(url: string): Promise<readonly Line[]> {
  const half = ({ triggerMs }: EngineFigures): string => `${median(triggerMs).toFixed(2)} ms p50`;
  const sqlite = half(await engine("trigger", 200));
  const postgres = half(await engine("trigger", 200, url));
  return [{ what: "trigger to first line of the task", target: "≤ 2 ms p50", sqlite, postgres }];
}

async function loadLine(): Promise<readonly Line[]> {
  const measured = ms(await loadMs(join(PROJECTS, "wide")));
  return [{ what: "graph of 10,000 tasks loads", target: "≤ 1 s", sqlite: measured, postgres: measured }];
}

async function reloadLines(url: string): Promise<readonly Line[]> {
  const line = async (files: number, target: string): Promise<Line> => {
    const what = `hot reload of 1 file among ${files.toLocaleString("en")}`;
    return { what, target, sqlite: ms(await hotReloadMs(files)), postgres: ms(await hotReloadMs(files, url)) };
  };
  return [await line(100, "≤ 1 s"), await line(1_000, "")];
}

/** The attempts themselves cost nothing here: a map says nothing of them that the fan does not say. */
async function mapLines(url: string): Promise<readonly Line[]> {
  const sqlite = await inChildProcess<MapFigures>("map-process.ts", [String(ITEMS)]);
  const postgres = await inChildProcess<MapFigures>("map-process.ts", [String(ITEMS), url]);
  const line = (what: string, target: string, figure: (figures: MapFigures) => string): Line => {
    return { what, target, sqlite: figure(sqlite), postgres: figure(postgres) };
  };
  return [
    line("map of 100,000 expands", "≤ 5 s", ({ expandMs }) => ms(expandMs)),
    line("and is worked off", "≥ 1,500 tasks/s", ({ tasksPerSecond }) => perSecond(tasksPerSecond)),
    line("memory of that engine", "≤ 400 MB", ({ peakMemoryBytes }) => megabytes(peakMemoryBytes)),
  ];
}

/** The same as a user runs it, from start to exit. */
async function mapRunLines(url: string): Promise<readonly Line[]> {
  const sqlite = await mapRun(undefined);
  const postgres = await mapRun(url);
  const speed = (figures: MapRunFigures): string => perSecond(ITEMS / (figures.ms / 1_000));
  const memory = (figures: MapRunFigures): string => megabytes(figures.peakMemoryBytes);
  return [
    { what: "batuta run of a map of 100,000", target: "", sqlite: speed(sqlite), postgres: speed(postgres) },
    { what: "memory of that process", target: "≤ 400 MB", sqlite: memory(sqlite), postgres: memory(postgres) },
  ];
}

/** BF-3: what live runs feel of a backfill of 10,000 runs, and what that gets of the slots. */
async function backfillLines(url: string): Promise<readonly Line[]> {
  const sqlite = await inChildProcess<BackfillFigures>("backfill-process.ts", []);
  const postgres = await inChildProcess<BackfillFigures>("backfill-process.ts", [url]);
  const p99 = ({ aloneMs, besideMs }: BackfillFigures): string => `${ms(aloneMs)} → ${ms(besideMs)}`;
  const share = (figures: BackfillFigures): string => `${(figures.share * 100).toFixed(1)} %`;
  return [
    {
      what: "start of live tasks, p99, alone → beside a backfill",
      target: "≤ 2 ×",
      sqlite: p99(sqlite),
      postgres: p99(postgres),
    },
    {
      what: "share of that backfill, all slots wanted",
      target: "≥ 10 %",
      sqlite: share(sqlite),
      postgres: share(postgres),
    },
  ];
}

async function ruleLine(): Promise<readonly Line[]> {
  const measured = `${Math.round(ruleDecisionsPerSecond()).toLocaleString("en")}/s`;
  return [{ what: "trigger rules decided", target: "≥ 1,000,000/s", sqlite: measured, postgres: measured }];
}

/** Nothing may cost more because much has happened before. */
async function historyLines(url: string): Promise<readonly Line[]> {
  const measure = (past: number, at?: string) =>
    inChildProcess<HistoryFigures>("history-process.ts", [String(past), at]);
  const sqlite = [await measure(0), await measure(PAST_TASK_RUNS)];
  const postgres = [await measure(0, url), await measure(PAST_TASK_RUNS, url)];
  const of = (figures: readonly HistoryFigures[], name: string): string =>
    figures.map((figure) => ms(figure[name] ?? Number.NaN)).join(" → ");
  return [
    { what: "with 0 → 1,000,000 finished task runs in the store:", target: "", sqlite: "", postgres: "" },
    ...Object.keys(sqlite[0] ?? {}).map((name) => ({
      what: `  ${name}`,
      target: "does not grow",
      sqlite: of(sqlite, name),
      postgres: of(postgres, name),
    })),
  ];
}

function engine(project: string, times: number, url?: string): Promise<EngineFigures> {
  return inChildProcess("engine-process.ts", [project, String(times), url]);
}

function perSecond(tasks: number): string {
  return `${Math.round(tasks).toLocaleString("en")} tasks/s`;
}

function megabytes(bytes: number): string {
  return `${Math.round(bytes / 1e6)} MB`;
}

function ms(value: number): string {
  if (value < 1) return `${value.toFixed(3)} ms`;
  return `${value < 10 ? value.toFixed(2) : Math.round(value)} ms`;
}
