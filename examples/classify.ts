// Labels ranked for a picture, calibrated by a blank one. Run it with: deno run -A examples/classify.ts
import { assemble, blankScores, classify, createDevice } from "../mod.ts";

const PICTURES = "tests/pictures/demo/fluent";
const LABELS = ["fox face", "fox", "dog", "dog face", "red apple", "apple pie"];

using device = await createDevice();
using model = await assemble("rookery-small", { device });
// What the model expects without seeing is the same for all pictures.
const blank = await blankScores(model, {}, LABELS);
for (const file of ["1f98a.webp", "1f34e.webp"]) {
  const query = { image: `${PICTURES}/${file}` };
  const { label, scores } = await classify(model, query, LABELS, {
    score: "calibrated",
    blank,
  });
  console.log(file, label, scores);
}
