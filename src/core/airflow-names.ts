/** The name that stands here for one of Airflow's, or the same: `dag_run.conf.region` is `params.region`. */
export function ownName(name: string): string {
  const keys = name.split(".");
  for (const length of [2, 1]) {
    const own = AIRFLOW_NAMES.get(keys.slice(0, length).join("."));
    if (own !== undefined) return [own, ...keys.slice(length)].join(".");
  }
  return name;
}

/** Names of Airflow's templates that stand for a name of ours. Those that are the same are not listed. */
const AIRFLOW_NAMES: ReadonlyMap<string, string> = new Map([
  ["data_interval_start", "interval.start"],
  ["data_interval_end", "interval.end"],
  ["logical_date", "interval.start"],
  ["execution_date", "interval.start"],
  ["prev_data_interval_start_success", "prev.success.start"],
  ["prev_data_interval_end_success", "prev.success.end"],
  ["prev_execution_date_success", "prev.success.start"],
  ["prev_start_date_success", "prev.success.startedAt"],
  ["prev_end_date_success", "prev.success.finishedAt"],
  ["prev_execution_date", "prev.interval.start"],
  ["next_execution_date", "next.interval.start"],
  ["prev_ds", "prev.ds"],
  ["prev_ds_nodash", "prev.ds_nodash"],
  ["next_ds", "next.ds"],
  ["next_ds_nodash", "next.ds_nodash"],
  ["run_id", "run.id"],
  ["dag_id", "pipeline"],
  ["task_id", "task"],
  ["dag.dag_id", "pipeline"],
  ["dag_run.run_id", "run.id"],
  ["dag_run.run_type", "trigger"],
  ["dag_run.conf", "params"],
  ["dag_run.logical_date", "interval.start"],
  ["dag_run.data_interval_start", "interval.start"],
  ["dag_run.data_interval_end", "interval.end"],
  ["ti.run_id", "run.id"],
  ["ti.dag_id", "pipeline"],
  ["ti.task_id", "task"],
  ["ti.try_number", "attempt"],
  ["ti.map_index", "index"],
  ["task_instance.run_id", "run.id"],
  ["task_instance.dag_id", "pipeline"],
  ["task_instance.task_id", "task"],
  ["task_instance.try_number", "attempt"],
  ["task_instance.map_index", "index"],
]);
