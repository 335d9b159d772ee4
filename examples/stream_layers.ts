// A model in less memory than its weights take, bit for bit the same: deno run -A examples/stream_layers.ts

import { assemble, createDevice, type Device, showBytes } from "../mod.ts";

const [name = "tests/golden/models/llama_tied"] = Deno.args;

/** Logits of some tokens; `streamLayers` leaves the layers in their files. */
async function logitsOn(device: Device, streamLayers: boolean) {
  const engine = { tokens: 32, context: 64 };
  using model = await assemble(name, { device, streamLayers, engine });
  const sequence = model.engine.open();
  const chunk = { tokens: [1, 2, 3, 4], media: [0, 0, 0, 0] };
  const logits = await model.engine.logits(sequence, chunk);
  model.engine.close(sequence);
  const { weights = 0, staging = 0 } = device.memory.heldByKind;
  console.log(
    streamLayers ? "streamed:" : "resident:",
    `${showBytes(weights)} of weights, ${showBytes(staging)} of staging areas`,
  );
  return logits;
}

using device = await createDevice();
const resident = await logitsOn(device, false);
const streamed = await logitsOn(device, true);
const isSame = resident.every((value, i) => value === streamed[i]);
console.log(isSame ? "the same bits" : "other bits");

// Weights that are in no file show the size and speed of any model.
using made = await assemble("openflamingo-3b", {
  device,
  synthetic: 1,
  dtype: "q4_1",
  streamLayers: true,
  engine: { tokens: 32, context: 64 },
});
console.log(
  `${made.engine.stack.language.blocks.length} layers in`,
  showBytes(device.memory.heldBytes),
);
