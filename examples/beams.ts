// Several texts of one prompt: the best by beam search, and samples. Run it with: deno run -A examples/beams.ts
import { assemble, createDevice, writeBeams, writeSamples } from "../mod.ts";

using device = await createDevice();
using model = await assemble("examples/smollm2.json", { device });
const prompt = [{ text: "The capital of France is" }];

// Beams share the prompt's pages; only a page that two of them write is copied.
const best = await writeBeams(model, prompt, { maxTokens: 8 }, {
  beams: 4,
  returned: 3,
  lengthPenalty: 1,
  earlyStopping: true,
});
for (const { text, score } of best) {
  console.log(score.toFixed(3), JSON.stringify(text));
}

// Samples share them as well; each is what its seed gives alone.
const settings = { maxTokens: 8, temperature: 0.8, seed: 1 };
const samples = await writeSamples(model, prompt, settings, { count: 3 });
for (const { text } of samples) console.log("sample", JSON.stringify(text));
