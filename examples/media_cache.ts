// Pictures and beginnings of prompts that are known need no second look. Run it with: deno run -A examples/media_cache.ts
import { assemble, createDevice, describe } from "../mod.ts";

const PICTURES = "tests/pictures/demo/fluent";
const shots = [
  { image: `${PICTURES}/1f34e.webp`, text: "a red apple with a leaf" },
  { image: `${PICTURES}/1f355.webp`, text: "a slice of pizza with cheese" },
  { image: `${PICTURES}/1f98a.webp`, text: "the face of a red fox" },
];

using device = await createDevice();
using model = await assemble("rookery-small", {
  device,
  engine: { mediaCacheBytes: 64 * 2 ** 20, prefixCacheBytes: 64 * 2 ** 20 },
});
for (let i = 0; i < 2; i++) {
  const query = { image: `${PICTURES}/1f415.webp` };
  const { text, ms } = await describe(model, query, { shots });
  const { media, prefix } = model.engine.caches;
  console.log(
    `${text}: pictures ${ms.image.toFixed(0)} ms, ` +
      `prompt ${ms.prefill.toFixed(0)} ms; ${media.misses} encoded, ` +
      `${media.hits} known, ${prefix.hitTokens} tokens known`,
  );
}
