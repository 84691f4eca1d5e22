import { describe, expect, it } from "vitest";
import { type CrontabReading, readCrontab } from "./read-crontab.ts";

function read(lines: readonly string[], reading: Partial<CrontabReading> = {}) {
  return readCrontab(lines.join("\n"), { format: "user", timezone: "Europe/Zurich", ...reading });
}

describe("readCrontab", () => {
  it("gives a job the settings above it, and those alone", () => {
    const { jobs, leftOut } = read([
      "0 1 * * * first",
      'PATH = "/usr/bin:/opt/my tools/bin"',
      "CRON_TZ=America/New_York",
      "REGION=eu",
      "0 2 * * * second",
      "REGION='us'",
      "SHELL=/bin/bash",
      "0 3 * * * third",
    ]);
    expect(leftOut).toEqual([]);
    expect(jobs.map(({ timezone }) => timezone)).toEqual(["Europe/Zurich", "America/New_York", "America/New_York"]);
    expect(jobs.map(({ env }) => env)).toEqual([
      {},
      { PATH: "/usr/bin:/opt/my tools/bin", REGION: "eu" },
      { PATH: "/usr/bin:/opt/my tools/bin", REGION: "us", SHELL: "/bin/bash" },
    ]);
    expect(jobs.map(({ shell }) => shell)).toEqual(["/bin/sh", "/bin/sh", "/bin/bash"]);
  });

  it("reads times in the zone that TZ names, and says that many crons do not", () => {
    const { jobs, leftOut } = read(["TZ=:UTC", "0 1 * * * load"]);
    expect(jobs).toMatchObject([{ timezone: "UTC", env: { TZ: ":UTC" } }]);
    expect(leftOut).toMatchObject([{ line: 1, reason: expect.stringContaining("Europe/Zurich") }]);
    expect(read(["TZ=Europe/Zurich", "0 1 * * * load"]).leftOut).toEqual([]);
  });

  it.each([
    ["61 0 * * * load", /minute/i],
    ["0 0 30 2 * load", /./],
    ["0 0 * * load", /no command/],
    ["0 0 * *", /fewer than five fields/],
    ["0 0 * * * *", /no command/],
    ["nonsense", /fewer than five fields/],
    ["0~59 0 * * * load", /random/],
    ["@reboot load", /machine starts/],
    ["@fortnightly load", /@fortnightly is not known/],
    ["@daily", /no command/],
  ])("TI-7: leaves out %j alone, with its line and the reason", (line, reason) => {
    const { jobs, leftOut } = read(["0 1 * * * before", line, "0 2 * * * after"]);
    expect(jobs.map(({ name }) => name)).toEqual(["before", "after"]);
    expect(leftOut).toEqual([{ line: 2, text: line, reason: expect.stringMatching(reason) }]);
  });

  it("leaves out jobs whose zone is not known: at another time they would be wrong", () => {
    const { jobs, leftOut } = read(["0 1 * * * before", "CRON_TZ=Mars/Phobos", "0 2 * * * after"]);
    expect(jobs.map(({ name }) => name)).toEqual(["before"]);
    expect(leftOut).toMatchObject([{ line: 3, reason: expect.stringContaining("(line 2)") }]);
  });

  it.each([
    ["@hourly a", "@hourly"],
    ["@midnight a", "@midnight"],
    ["@annually a", "@annually"],
    ["@every_minute a", "* * * * *"],
    ["*/15  8-18\tJan-jun MON,wed-FRI a", undefined],
    ["*/15 8-18 1,15 JAN-jun MON,wed-FRI a", "*/15 8-18 1,15 JAN-jun MON,wed-FRI"],
    ["0 0 * * 7 a", "0 0 * * 7"],
  ])("TI-7: reads the times of %j", (line, expression) => {
    expect(read([line]).jobs[0]?.expression).toBe(expression);
  });

  it("lists what a single job does without, and keeps it with the job", () => {
    const { jobs, leftOut } = read([
      "-0 1 * * * -q server --port 1 &",
      "MAILTO=ops@example.com",
      "0 2 * * * echo $USER",
    ]);
    expect(jobs.map(({ notes }) => notes.length)).toEqual([3, 2]);
    expect(leftOut.map(({ line, pipeline }) => [line, pipeline])).toEqual([
      [1, "server"],
      [1, "server"],
      [1, "server"],
      [2, undefined],
      [3, "echo"],
    ]);
    expect(jobs[0]?.command.text).toBe("server --port 1 &");
  });

  it("spreads starts where cron delays them at random", () => {
    const { jobs, leftOut } = read([
      "0 1 * * * a",
      "RANDOM_DELAY=10",
      "0 2 * * * b",
      "RANDOM_DELAY=ten",
      "0 3 * * * c",
    ]);
    expect(jobs.map(({ jitterMinutes, env }) => [jitterMinutes, env])).toEqual([
      [0, {}],
      [10, {}],
      [10, {}],
    ]);
    expect(leftOut).toMatchObject([{ line: 4 }]);
  });

  it("lists no mail that nobody would have got", () => {
    expect(read(['MAILTO=""', "0 2 * * * a"]).leftOut).toEqual([]);
  });

  it("keeps back variables that are Batuta's own, or no variables", () => {
    const { jobs, leftOut } = read(["BATUTA_DS=1", '"a b"=1', "0 2 * * * a"]);
    expect(leftOut.map(({ line }) => line)).toEqual([1, 2]);
    expect(jobs[0]?.env).toEqual({});
  });

  it("describes a job by the comment straight above it, and by no legend or job that is switched off", () => {
    const { jobs } = read([
      "# Edit this file to introduce tasks to be run by cron.",
      "#",
      "# For example:",
      "# 0 5 * * 1 tar -zcf /var/backups/home.tgz /home/",
      "#",
      "# m h  dom mon dow   command",
      "0 1 * * * first",
      "",
      "# Of another place",
      "",
      "# Loads the orders,",
      "# then tells the team.",
      "#30 2 * * * old.sh",
      "0 2 * * * second",
      "0 3 * * * third",
    ]);
    expect(jobs.map(({ description }) => description)).toEqual([
      undefined,
      "Loads the orders, then tells the team.",
      undefined,
    ]);
  });

  it("reads a system crontab with the user of each line", () => {
    const { jobs, leftOut } = read(
      [
        "SHELL=/bin/sh",
        "# Example of job definition:",
        "# .---------------- minute (0 - 59)",
        "# |  .------------- hour (0 - 23)",
        "# *  *  *  *  * user-name command to be executed",
        "17 *\t* * *\troot\tcd / && run-parts --report /etc/cron.hourly",
        "@daily  backup  /usr/bin/backup",
        "0 0 * * * root",
      ],
      { format: "system" },
    );
    expect(jobs.map(({ name, command, description }) => [name, command.text, description])).toEqual([
      ["run_parts", "cd / && run-parts --report /etc/cron.hourly", undefined],
      ["backup", "/usr/bin/backup", undefined],
    ]);
    expect(leftOut).toMatchObject([
      { line: 6, reason: expect.stringContaining("user root"), pipeline: "run_parts" },
      { line: 7, reason: expect.stringContaining("user backup"), pipeline: "backup" },
      { line: 8, reason: expect.stringContaining("no user with a command") },
    ]);
  });
});
