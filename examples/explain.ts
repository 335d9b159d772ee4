// What a model looked at, word by word: deno run -A examples/explain.ts
import {
  assemble,
  createDevice,
  describe,
  explain,
  taskPrompt,
} from "@rookery/rookery";

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const image = "tests/pictures/demo/fluent/1f34e.webp";
const { text } = await describe(model, { image });
const { items, output } = taskPrompt({ style: model.style, query: { image } });
const { words, gates } = await explain(model, items, output(text));
for (const { text, chance, runnersUp, grounding, regions } of words) {
  const others = runnersUp.slice(0, 3).map((each) => each.text.trim());
  console.log(
    `${text}: chance ${chance.toFixed(2)}, or ${
      others.join(", ")
    }; the picture`,
    `adds ${grounding!.overBlank.toFixed(1)} nats`,
  );
  // A map of cells from 0 to 9, the most read cell 9.
  for (const { side, maps: [map] } of regions) {
    const most = Math.max(...map!);
    const digits = map!.map((cell) => Math.floor(9.99 * cell / most));
    for (let at = 0; at < digits.length; at += side) {
      console.log("  " + digits.slice(at, at + side).join(" "));
    }
  }
}
for (const { layer, attention, dense } of gates) {
  console.log(
    `layer ${layer}: gates ${attention.toFixed(2)}`,
    dense.toFixed(2),
  );
}
