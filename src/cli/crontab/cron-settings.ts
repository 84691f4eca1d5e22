import { timeZone } from "../../core/time-zone.ts";

interface Setting {
  readonly value: string;
  readonly line: number;
}

const MAIL = new Set(["MAILTO", "MAILFROM", "CONTENT_TYPE", "CONTENT_TRANSFER_ENCODING"]);
/** Said to cron alone. */
const CRON_OWN = new Set(["CRON_TZ", "RANDOM_DELAY"]);
const VARIABLE = /^[A-Za-z_][A-Za-z0-9_]*$/;
const DEFAULT_SHELL = "/bin/sh";

/** The settings of a crontab that are in force at one of its lines: each holds for the lines below it. */
export class CronSettings {
  readonly #machineTimezone: string;
  readonly #settings = new Map<string, Setting>();

  constructor(machineTimezone: string) {
    this.#machineTimezone = machineTimezone;
  }

  /** Says why a setting cannot be carried over; undefined = it is. */
  set(name: string, value: string, line: number): string | undefined {
    const reason = this.#reason(name, value);
    if (reason === undefined || MAIL.has(name) || name === "TZ") this.#settings.set(name, { value, line });
    return reason;
  }

  /** Zone in which the times below are read. */
  get timezone(): string {
    return this.#zone()?.value ?? this.#machineTimezone;
  }

  get shell(): string {
    return this.#settings.get("SHELL")?.value || DEFAULT_SHELL;
  }

  /** Why no job can be read below the settings; undefined = they are sound. */
  fault(): string | undefined {
    const zone = this.#zone();
    if (zone === undefined || isTimezone(zone.value)) return undefined;
    return `its times are in ${zone.value}, which is no time zone (line ${zone.line})`;
  }

  /** What the commands find in their environment. */
  env(): Readonly<Record<string, string>> {
    const own = [...this.#settings].filter(([name]) => !MAIL.has(name) && !CRON_OWN.has(name));
    return Object.fromEntries(own.map(([name, { value }]) => [name, value]));
  }

  /** Minutes by which starts are spread; 0 = they are not. */
  get jitterMinutes(): number {
    return Number(this.#settings.get("RANDOM_DELAY")?.value ?? 0);
  }

  /** What every job below does without. */
  notes(): readonly string[] {
    const { value, line } = this.#settings.get("MAILTO") ?? { value: "", line: 0 };
    return value === "" ? [] : [`MAILTO=${value} (line ${line}): Batuta sends no mail yet`];
  }

  #zone(): Setting | undefined {
    const zone = this.#settings.get("CRON_TZ") ?? this.#settings.get("TZ");
    return zone === undefined || zone.value === "" ? undefined : { ...zone, value: zone.value.replace(/^:/, "") };
  }

  #reason(name: string, value: string): string | undefined {
    if (MAIL.has(name)) return value === "" ? undefined : "Batuta sends no mail yet";
    if (!VARIABLE.test(name)) return `${JSON.stringify(name)} is no name of a variable that every program can read`;
    if (name.startsWith("BATUTA_")) return "names that begin with BATUTA_ are Batuta's own";
    if (name === "RANDOM_DELAY" && !/^\d{1,3}$/.test(value)) return `${JSON.stringify(value)} is no number of minutes`;
    if (name === "TZ" && !this.#settings.has("CRON_TZ") && value.replace(/^:/, "") !== this.#machineTimezone) {
      return (
        `the times below are read in this zone too; many crons read them in the zone of the machine, ` +
        `${this.#machineTimezone}: change \`timezone\` where that was meant`
      );
    }
    return undefined;
  }
}

function isTimezone(name: string): boolean {
  try {
    timeZone(name);
    return true;
  } catch {
    return false;
  }
}
