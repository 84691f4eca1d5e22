import { expect, it } from "vitest";
import { JobNames } from "./job-name.ts";

it.each([
  ["Nightly backup", "/usr/local/bin/backup.sh", "nightly_backup"],
  ["Übersicht für Zürich", "x", "ubersicht_fur_zurich"],
  ["This is a longer text that says why", "/usr/local/bin/backup.sh --full", "backup"],
  ["夜間", "/opt/report", "report"],
  [undefined, "cd /srv/etl && ./run.sh >> log 2>&1", "run"],
  [undefined, "python3 /opt/etl/load_orders.py --day 1", "load_orders"],
  [undefined, "python3 -m etl.load", "etl"],
  [undefined, "flock -n /tmp/x.lock timeout 10m nice -n 19 /opt/Sync-All.pl", "sync_all"],
  [undefined, "sudo -u postgres pg_dump shop > /backup/shop.sql", "pg_dump"],
  [undefined, "MAILTO= LANG=C [ -x /bin/a ] && /bin/a", "a"],
  [undefined, "7z a archive", "a"],
  [undefined, "test -x /usr/sbin/anacron || ( cd / && run-parts --report /etc/cron.daily )", "run_parts"],
  [undefined, "$(foo)", "foo"],
  [undefined, "::", "line_7"],
  ["2nd run", "x", "job_2nd_run"],
])("names a job with the comment %j and the command %j", (comment, command, name) => {
  expect(new JobNames().nameOf(7, comment, command)).toBe(name);
});

it("gives no name twice", () => {
  const names = new JobNames();
  expect([1, 2, 3].map((line) => names.nameOf(line, undefined, "/bin/load"))).toEqual(["load", "load_2", "load_3"]);
});
