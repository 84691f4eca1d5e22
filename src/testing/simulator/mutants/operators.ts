import { type Mutant, mutant } from "./mutant.ts";

export const OPERATOR_MUTANTS: readonly Mutant[] = [
  mutant("a cleared one keeps its attempts", "I07", "store/carry-out.ts", [
    "generation: row.generation + 1, attempt: 0, lost: 0",
    "generation: row.generation + 1, lost: 0",
  ]),
  mutant("what is cleared takes no dependants back", "B40", "store/carry-out.ts", [
    "  askAnew(set, runKey, [...revised, ...junctions]);\n",
    "  void [askAnew, revised, junctions];\n",
  ]),
  mutant("another attempt asks no rule", "I10", "store/ask-rule.ts", [
    '  if (decision === "run") return row;\n',
    "  if (decision !== undefined) return row;\n",
  ]),
  mutant("items do not hear their map", "I10", "core/recount.ts", [
    "    if (!stands(row)) this.#headers.set(nameOf(row), verdictOfHeader(node.start));\n",
    "    void verdictOfHeader;\n",
  ]),
  mutant("a cancelled run starts what is queued", "B23", "store/stop-run.ts", [
    'const WAITING: readonly string[] = ["scheduled", "queued", "retrying", "deferred"];',
    'const WAITING: readonly string[] = ["scheduled", "retrying", "deferred"];',
  ]),
  mutant("a stop leaves no audit", "I38", "store/stop.ts", [
    "    set.audit({ project: run.project, actor, action, runKey: run.key, details });\n",
    "    void [details, action];\n",
  ]),
];
