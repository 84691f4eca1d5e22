import { pipeline } from "batuta";

/** 10,000 tasks in 100 layers of 100, each waiting for three of the layer before. */
export default pipeline("wide", ({ task }) => {
  let layer = Array.from({ length: 100 }, (_, index) => task(`layer_0_${index}`, async () => index));
  for (let depth = 1; depth < 100; depth++) {
    const before = layer;
    layer = before.map((_, index) => {
      const after = [index, index + 1, index + 2].flatMap((at) => before[at % 100] ?? []);
      return task(`layer_${depth}_${index}`, { after }, async () => index);
    });
  }
});
