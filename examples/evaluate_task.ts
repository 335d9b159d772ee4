// A dataset in a published format, scored as OpenFlamingo does: deno run -A examples/evaluate_task.ts
import { join } from "node:path";
import {
  assemble,
  createDevice,
  evaluateTask,
  readDataset,
  scoreCell,
} from "../mod.ts";

const folder = await Deno.makeTempDir();
const fluent = "tests/pictures/demo/fluent";
const rows = [["1f34e", "red apple"], ["1f511", "key"], ["1f415", "dog"]];
for (const name of ["train", "test"]) {
  const lines = rows.map(([hex, caption]) => {
    const image = join("..", "..", Deno.cwd(), fluent, `${hex}.webp`);
    return JSON.stringify({ id: hex, image, captions: [caption] });
  });
  await Deno.writeTextFile(join(folder, `${name}.jsonl`), lines.join("\n"));
}
const dataset = await readDataset("questions", folder);
await Deno.remove(folder, { recursive: true });

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const cells = await evaluateTask(model, dataset, {
  shotCounts: [0],
  seeds: [0],
});
for (const { shots, answers, ...cell } of cells) {
  console.log(shots, answers.map(({ text }) => text).sort());
  console.log(scoreCell(dataset, { ...cell, answers })["CIDEr-D"]);
}
