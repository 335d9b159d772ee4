// Prompt or train: examples in a prompt against a head on frozen features. Run it with: deno run -A examples/compare.ts
import {
  assemble,
  compareMethods,
  createDevice,
  flamingoEncoder,
} from "../mod.ts";

const CLASSES: Record<string, string[]> = {
  food: ["1f34e", "1f355", "1f382", "1f32f"],
  animal: ["1f98a", "1f415", "1f98d"],
};
const pool = Object.entries(CLASSES).flatMap(([text, names]) =>
  names.map((name) => ({
    image: `tests/pictures/demo/fluent/${name}.webp`,
    text,
  }))
);

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const images = pool.map(({ image }) => image);
const vectors = await flamingoEncoder(model).embed(images);
const { rows } = await compareMethods(model, { pool, vectors }, {
  labelCounts: [2, 4],
  shots: 2,
});
for (const { method, labels, right, querySeconds } of rows) {
  const share = right.reduce((sum, each) => sum + each, 0) / right.length;
  console.log(labels, method, share, `${querySeconds.toFixed(2)} s a query`);
}
