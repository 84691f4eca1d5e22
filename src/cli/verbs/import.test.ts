import { expect, it } from "vitest";
import { envelope, field, testProject } from "../cli-for-tests.ts";

const CRONTAB = `# Edit this file to introduce tasks to be run by cron.
# m h  dom mon dow   command
MAILTO=ops@example.com
CRON_TZ=Europe/Zurich
REGION="eu west"
RANDOM_DELAY=5
TEMPLATE={{ ds }}

# Nightly backup
0 2 * * *	printf '\\%s\\n' "\`echo a\` \${REGION}" '{{.Names}} \\\`' $TEMPLATE; false; date +\\%Y > /dev/null

61 * * * * impossible
@reboot /usr/local/bin/start
*/5 8-18 * * mon-fri cat > input.txt%first%100\\% second
SHELL=/bin/bash
0 3 * * 7 yes | head -1
0 4 * * * /opt/load & # later
`;

it("makes a project of a crontab whose every pipeline loads, and lists what is not carried over", async () => {
  const project = testProject();
  project.write("jobs.cron", CRONTAB);
  const made = await project.batuta("import", "crontab", "jobs.cron", "--to", "made", "--json");
  expect(envelope(made)).toMatchObject({
    ok: true,
    data: {
      pipelines: [
        { name: "nightly_backup", file: "pipelines/nightly_backup.ts", line: 10, schedule: "0 2 * * *" },
        { name: "cat", line: 14, schedule: "*/5 8-18 * * mon-fri", timezone: "Europe/Zurich" },
        { name: "yes", line: 16 },
        { name: "load", line: 17 },
      ],
      notCarriedOver: [
        { line: 3, text: "MAILTO=ops@example.com" },
        { line: 12, text: "61 * * * * impossible" },
        { line: 13, text: "@reboot /usr/local/bin/start" },
      ],
    },
  });
  expect(made.code).toBe(0);
  expect(made.stderr).toMatch(/^warning: line 12, 61 \* \* \* \* impossible: The minute of the schedule/m);
  expect(project.read("made/pipelines/nightly_backup.ts")).toContain("MAILTO=ops@example.com (line 3)");
  expect(project.read("made/pipelines/nightly_backup.ts")).toContain(
    'cron("0 2 * * *", { timezone: "Europe/Zurich", catchUp: "none", jitter: "5m" })',
  );
  expect(project.read("made/crontab-left-out.md")).toMatch(/Line 12: .*\n\n {4}61 \* \* \* \* impossible/);

  const check = await project.batuta("check", "made", "--json");
  expect(envelope(check)).toMatchObject({ ok: true, data: { problems: [] } });
  expect(field(envelope(check), "data", "pipelines")).toHaveLength(4);
});

it("runs commands as cron ran them: same text, same variables, same input, same folder, same end", async () => {
  const project = testProject();
  project.write("jobs.cron", CRONTAB);
  await project.batuta("import", "crontab", "jobs.cron", "--to", "made", "--one-file");
  project.write("home/.keep", "");
  const home = { HOME: `${project.dir}/home` };
  const run = (name: string) => project.start(["run", name, "--project", "made"], home).ended;

  const backup = await run("nightly_backup");
  expect(backup.code).toBe(0);
  const logs = await project.batuta("logs", "latest", "--project", "made");
  expect(logs.stdout).toContain("a eu west");
  expect(logs.stdout).toContain("{{.Names}} \\`");

  expect((await run("cat")).code).toBe(0);
  expect(project.read("home/input.txt")).toBe("first\n100% second\n");
  expect((await run("yes")).code).toBe(0);
});

it("reads standard input, and keeps everything in one file when told to", async () => {
  const project = testProject();
  project.write("jobs.cron", CRONTAB);
  const made = await project.startProgram(
    [
      "/bin/sh",
      "-c",
      `"${process.execPath}" "${process.cwd()}/bin/batuta.js" import crontab - --one-file --to made <jobs.cron`,
    ],
    ".",
  ).ended;
  expect(made.stderr).toContain("line 13");
  expect(made.code).toBe(0);
});

it("writes over nothing unless told, and adds to a project that is there", async () => {
  const project = testProject({ "batuta.json": '{ "name": "mine" }', "pipelines/load.ts": "// mine\n" });
  project.write("jobs.cron", "0 1 * * * load\n");
  const refused = await project.batuta("import", "crontab", "jobs.cron");
  expect(refused.code).toBe(5);
  expect(refused.stderr).toContain("pipelines/load.ts");
  expect(project.read("pipelines/load.ts")).toBe("// mine\n");

  expect((await project.batuta("import", "crontab", "jobs.cron", "--overwrite")).code).toBe(0);
  expect(project.read("pipelines/load.ts")).toContain('cron("0 1 * * *"');
  expect(project.read("batuta.json")).toBe('{ "name": "mine" }');
  expect(project.has("package.json")).toBe(false);
});

it.each([
  [["import", "crontab", "absent"], 3, "crontab -l | batuta import crontab -"],
  [["import", "crontab", "."], 2, "is a folder"],
  [["import", "crontab", "empty.cron"], 2, "no job"],
  [["import", "crontab", "binary.cron"], 2, "no text"],
  [["import", "airflow", "empty.cron"], 2, "cannot be imported"],
  [["import", "crontab", "empty.cron", "--timezone", "Mars/Phobos"], 2, "Mars/Phobos"],
])("refuses %j with exit code %i, and writes nothing", async (args, code, text) => {
  const project = testProject();
  project.write("empty.cron", "# nothing\n@reboot start\n");
  project.write("binary.cron", "\0\u0001");
  const result = await project.batuta(...args);
  expect(result.code).toBe(code);
  expect(result.stderr).toContain(text);
  expect(project.has("batuta.json")).toBe(false);
});
