import { join } from "node:path";
import { deadlineAdvice } from "../../core/deadline-advice.ts";
import type { Instant } from "../../core/instant.ts";
import { pipelineAdvice } from "../../core/pipeline-advice.ts";
import { scheduleAdvice } from "../../core/schedule-advice.ts";
import type { Files } from "../../ports/files.ts";
import { codeFrame } from "./code-frame.ts";
import type { CompiledProject } from "./compile-project.ts";
import { isInside } from "./graph-hash.ts";
import type { ProjectProblem } from "./problem.ts";

/** Warnings about pipelines that are sound and probably not what was meant, for who asks for them. */
export function adviceProblems(
  { manifest, dir }: Pick<CompiledProject, "manifest" | "dir">,
  files: Pick<Files, "exists" | "readText">,
  now: Instant,
): readonly ProjectProblem[] {
  return manifest.pipelines.flatMap((pipeline) =>
    [...pipelineAdvice(pipeline), ...deadlineAdvice(pipeline), ...scheduleAdvice(pipeline, now)].map(
      ({ location, message, hint }) => {
        const path = join(dir, location.file);
        const isThere = isInside(location) && files.exists(path);
        return {
          severity: "warning",
          code: "invalid_definition",
          message,
          file: pipeline.location.file,
          location,
          ...(isThere ? { codeFrame: codeFrame(files.readText(path), location) } : {}),
          hint,
        };
      },
    ),
  );
}
