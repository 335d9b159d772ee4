// Examples read once, saved, and used by every question since. Run it with: deno run -A examples/saved_prefix.ts
import {
  assemble,
  createDevice,
  describe,
  openPrefix,
  savePrefix,
  shotItems,
} from "../mod.ts";

const PICTURES = "tests/pictures/demo/fluent";
const shots = [
  { image: `${PICTURES}/1f34e.webp`, text: "red apple" },
  { image: `${PICTURES}/1f98a.webp`, text: "fox face" },
];
const query = { image: `${PICTURES}/1f415.webp` };
const path = await Deno.makeTempFile({ suffix: ".safetensors" });

using device = await createDevice();
using model = await assemble("rookery-small", { device });
{
  using prefix = await model.prefix(shotItems(model.style, shots));
  await savePrefix(model, prefix, path);
}
const { size } = await Deno.stat(path);
console.log(`${shots.length} shots in ${(size / 2 ** 20).toFixed(1)} MiB`);

// Another program would begin here. The shots' pictures are not needed again.
using prefix = await openPrefix(model, path);
const { text, ms } = await describe(model, query, { prefix });
console.log(text, `(prompt: ${ms.prefill.toFixed(0)} ms)`);
await Deno.remove(path);
