import { fixed, type PipelineBuilder, pipeline } from "batuta";

/** The same three tasks for any source: what they return is there for the caller. */
function loadFrom(source: string) {
  return ({ task }: PipelineBuilder) => {
    const fetched = task("fetch", () => ({ source, rows: source.length }));
    const checked = task("check", { input: { fetched } }, ({ input }) => input.fetched.rows > 0);
    const stored = task("store", { input: { fetched }, after: checked }, ({ input }) => input.fetched.rows);
    return { stored };
  };
}

export default pipeline("groups", ({ task, group }) => {
  const ready = task("ready", () => true);
  const crm = group("crm", { after: ready }, loadFrom("crm"));
  const erp = group(
    "erp",
    { after: ready, retries: fixed({ limit: 2, delay: "10m" }), concurrency: 2 },
    loadFrom("erp"),
  );
  const rows = { crm: crm.result.stored, erp: erp.result.stored };
  task("report", { input: rows }, ({ input }) => input.crm + input.erp);
  task("alarm", { after: [crm, erp], when: "one_failed" }, ({ log }) => log.error("nothing to report"));
});
