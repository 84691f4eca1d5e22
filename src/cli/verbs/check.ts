import { isJunction } from "../../core/junction.ts";
import { BatutaError, PROBLEMS } from "../../core/problem.ts";
import { adviceProblems } from "../../execution/project/advice-problems.ts";
import type { CompiledProject } from "../../execution/project/compile-project.ts";
import { type ProjectProblem, problemError } from "../../execution/project/problem.ts";
import { localFiles } from "../../ports/files.ts";
import type { Answer, Cli, Verb } from "../cli.ts";
import { errorBody, problemText } from "../envelope.ts";
import { counted } from "../terminal/counted.ts";
import { compile, projectOf } from "../workspace.ts";

export const check: Verb = {
  declare(command) {
    command
      .description("Load all pipelines and say what is wrong with them, without running anything.")
      .argument("[folder-or-file]", "only this project, or only this file")
      .addHelpText("after", "\nExamples:\n  batuta check\n  batuta check pipelines/hello.ts\n  batuta check --json");
  },
  async perform(cli, command) {
    const [start] = command.args;
    const compiled = await compile(cli, start === undefined ? projectOf(cli) : projectOf(cli, start));
    const advice = adviceProblems(compiled, localFiles, cli.clock.wall());
    return answer(cli, { ...compiled, problems: [...compiled.problems, ...advice] });
  },
};

function answer(cli: Cli, { manifest, problems }: CompiledProject): Answer {
  const errors = problems.filter(({ severity }) => severity === "error");
  return {
    data: {
      pipelines: manifest.pipelines.map(({ name, location, tasks }) => ({
        name,
        file: location.file,
        tasks: tasks.filter((task) => !isJunction(task)).length,
      })),
      problems: problems.map((problem) => ({
        severity: problem.severity,
        file: problem.file,
        ...errorBody(problemError(problem)),
      })),
    },
    text: () =>
      [...problems.map((problem) => problemBlock(cli, problem)), verdict(cli, { manifest, problems })].join("\n\n"),
    ...(errors.length === 0 ? {} : { failure: failureOf(errors) }),
  };
}

function problemBlock({ out }: Cli, problem: ProjectProblem): string {
  const text = problemText(problemError(problem), out);
  return problem.severity === "error" ? text : text.replace("error:", "warning:");
}

function verdict(
  { out: { colors } }: Cli,
  { manifest, problems }: Pick<CompiledProject, "manifest" | "problems">,
): string {
  const errors = problems.filter(({ severity }) => severity === "error").length;
  const warnings = problems.length - errors;
  const sound = `${counted(manifest.pipelines.length, "pipeline")} sound`;
  const parts = [
    ...(errors === 0 ? [] : [colors.red(counted(errors, "error"))]),
    ...(warnings === 0 ? [] : [colors.yellow(counted(warnings, "warning"))]),
    errors === 0 ? colors.green(sound) : sound,
  ];
  return parts.join(", ");
}

/** Any error makes the project wrong to use, whatever its kind; the codes of all are in the data. */
function failureOf([first, ...others]: readonly ProjectProblem[]): BatutaError {
  if (first !== undefined && others.length === 0 && PROBLEMS[first.code].exitCode === 2) return problemError(first);
  return new BatutaError("invalid_definition", `The project has ${counted(others.length + 1, "error")}.`, {
    hint: "Mend them, the first one first.",
  });
}
