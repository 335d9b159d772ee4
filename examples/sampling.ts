// Samplers: draws, penalties, stop strings, the likeliest tokens. Run it with: deno run -A examples/sampling.ts
import { assemble, createDevice, type SamplerSettings } from "../mod.ts";

using device = await createDevice();
using model = await assemble("examples/smollm2.json", { device });
const prompt = [{ text: "Once upon a time a small fox" }];

async function write(settings: SamplerSettings): Promise<string> {
  let text = "";
  const all = { maxTokens: 16, stop: [], ...settings };
  for await (const piece of model.generate(prompt, all)) text += piece.text;
  return JSON.stringify(text);
}

// The likeliest tokens; then draws, which differ by their seeds only.
console.log("greedy    ", await write({}));
const drawn = { temperature: 0.9, topK: 50, topP: 0.95, minP: 0.02 };
console.log("seed 1    ", await write({ ...drawn, seed: 1 }));
console.log("seed 2    ", await write({ ...drawn, seed: 2 }));

// Ends at the end of a clause, wherever the tokens' borders are.
console.log("one clause", await write({ stopStrings: [",", ".", "\n"] }));

// By the token: one is never written, one is preferred until it was drawn.
const [was, lived] = [" was", " lived"].map((word) =>
  model.tokenizer.encode(word)[0]!
);
const bias = { banned: [was!], logitBias: { [lived!]: 5 } };
console.log("biased    ", await write({ ...bias, presencePenalty: 5 }));

// What the model thought of at its first token: its own log-probabilities.
const settings = { maxTokens: 1, topLogprobs: 5 };
for await (const { samples } of model.generate(prompt, settings)) {
  for (const { token, logprob } of samples.flatMap(({ top = [] }) => top)) {
    const share = (100 * Math.exp(logprob)).toFixed(1).padStart(5);
    console.log(share, "%", JSON.stringify(model.tokenizer.decode([token])));
  }
}
