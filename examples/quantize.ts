// Weights in fewer bits, as a GGUF file that says the same. Run it with: deno run -A examples/quantize.ts
import { assemble, createDevice, quantize, showBytes } from "../mod.ts";

const model = "examples/smollm2.json";
const folder = await Deno.makeTempDir();
const out = `${folder}/model.gguf`;

// Norms stay as they are; `embedding` is by default at least q8_0.
const { tensors, bytesBefore, bytesAfter } = await quantize(
  model,
  out,
  { to: "q4_0", keep: ["blk.0.*"] },
);
console.log(`${tensors.length} tensors, ${showBytes(bytesBefore)} before`);
const formats = Map.groupBy(tensors, ({ to }) => to);
for (const [format, own] of formats) console.log(`  ${own.length} ${format}`);
console.log(showBytes(bytesAfter), "after");

// The file is a model like any other; `dtype` rounds alike while one is loaded.
using device = await createDevice();
for (const [path, dtype] of [[model, "f32"], [out, "stored"]] as const) {
  using opened = await assemble(path, { device, dtype });
  let text = "";
  const prompt = [{ text: "The capital of France is" }];
  const pieces = opened.generate(prompt, { maxTokens: 4, stop: [] });
  for await (const piece of pieces) text += piece.text;
  console.log(path === out ? "q4_0" : "f32 ", JSON.stringify(text));
}
await Deno.remove(folder, { recursive: true });
