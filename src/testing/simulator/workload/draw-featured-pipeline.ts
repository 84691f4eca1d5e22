import type { PipelineSpec } from "../../../core/manifest.ts";
import { TRIGGER_RULES } from "../../../core/trigger-rule.ts";
import { type PipelineBuilder, pipeline, type TaskRef } from "../../../sdk/index.ts";
import type { Dice } from "../world/dice.ts";

const PARTS_MAX = 4;
const DEPTH_MAX = 2;

/** What a part may wait for. */
type Earlier = string;

/**
 * A pipeline with groups, branches, short circuits, set-ups, tear-downs and maps, written as a user would: what the
 * authoring API makes of it is what runs.
 */
export function drawFeaturedPipeline(name: string, features: Features, dice: Dice): PipelineSpec {
  const { spec } = pipeline(name, (builder) => new Filling(builder, features, dice).fill(0));
  return { ...spec, graphHash: `graph of ${name}` };
}

export interface Features {
  readonly maps: boolean;
  readonly groupRetries: boolean;
}

class Filling {
  readonly #builder: PipelineBuilder;
  readonly #features: Features;
  readonly #dice: Dice;
  readonly #earlier: Earlier[] = [];
  readonly #lists: TaskRef<readonly unknown[]>[] = [];

  constructor(builder: PipelineBuilder, features: Features, dice: Dice) {
    this.#builder = builder;
    this.#features = features;
    this.#dice = dice;
  }

  fill(depth: number): void {
    const setup = this.#dice.chance(0.3) ? this.#builder.task("setup", { setup: true }, work) : undefined;
    if (setup !== undefined) {
      this.#builder.task("use", { after: "setup" }, work);
      this.#earlier.push("setup", "use");
    }
    const count = this.#dice.int(1, PARTS_MAX);
    for (let index = 0; index < count; index++) this.#addPart(`part_${index}`, depth, this.#dice.split(index));
    const after = this.#earlier.filter((name) => name !== "setup");
    if (setup !== undefined) this.#builder.task("teardown", { teardown: setup, after }, work);
  }

  #addPart(name: string, depth: number, dice: Dice): void {
    const isInner = depth >= DEPTH_MAX;
    const kind = dice.weighted({
      task: 5,
      branch: 1,
      short: 0.7,
      list: this.#features.maps ? 2 : 0,
      group: isInner ? 0 : 2,
    });
    const wait = {
      after: dice.some(this.#earlier, 0.5),
      when: dice.chance(0.5) ? "all_success" : dice.pick(TRIGGER_RULES),
    } as const;
    const { task, branch, shortCircuit, group } = this.#builder;
    if (kind === "branch") branch(name, wait, () => null);
    else if (kind === "short") shortCircuit(name, wait, () => true);
    else if (kind === "list") this.#lists.push(task(name, wait, () => [1]));
    else if (kind === "group") {
      const options = { ...wait, ...this.#groupRetries(dice), ...this.#map(dice) };
      group(name, options, (inner) =>
        new Filling(inner as PipelineBuilder, this.#features, dice.split("inner")).fill(depth + 1),
      );
    } else
      task(name, { ...wait, ...this.#map(dice), retries: dice.pick([0, 0, 2]), allowFailure: dice.chance(0.2) }, work);
    this.#earlier.push(name);
    if (kind !== "branch" && kind !== "short") return;
    // It needs something to decide about.
    const follower = `after_${name}`;
    task(follower, { after: name }, work);
    this.#earlier.push(follower);
  }

  #groupRetries(dice: Dice) {
    return this.#features.groupRetries && dice.chance(0.4) ? { retries: dice.int(1, 2) } : {};
  }

  /** Over a list that another task gives, or one that is known. */
  #map(dice: Dice) {
    if (!this.#features.maps || !dice.chance(0.4)) return {};
    const onEmpty = dice.chance(0.3) ? { onEmpty: "success" as const } : {};
    const list =
      this.#lists.length > 0 && dice.chance(0.7)
        ? dice.pick(this.#lists)
        : Array.from({ length: dice.int(0, 3) }, (_, index) => index);
    return { map: list, ...onEmpty };
  }
}

/** Nothing of it ever runs: how tasks behave is drawn apart. */
function work(): string {
  return "";
}
