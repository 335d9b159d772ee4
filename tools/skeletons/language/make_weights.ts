/**
 * Writes weights.safetensors: random numbers, for tests.
 *
 *     deno run -A make_weights.ts
 *
 * @module
 */

import { writeSafetensors } from "@rookery/rookery";
import { USUAL } from "./sketch_name.ts";

const { layers, width, vocabulary } = USUAL;
const shapes: Record<string, readonly number[]> = {
  "embed.weight": [vocabulary, width],
  "norm.weight": [width],
  "norm.bias": [width],
};
for (let i = 0; i < layers; i++) {
  const prefix = `layers.${i}.`;
  for (const norm of ["attention_norm", "ffn_norm"]) {
    shapes[`${prefix}${norm}.weight`] = [width];
    shapes[`${prefix}${norm}.bias`] = [width];
  }
  for (const name of ["query", "key", "value", "out"]) {
    shapes[`${prefix}${name}.weight`] = [width, width];
  }
  shapes[`${prefix}up.weight`] = [4 * width, width];
  shapes[`${prefix}down.weight`] = [width, 4 * width];
}

let state = 1;
const tensors = Object.entries(shapes).map(([name, shape]) => {
  const count = shape.reduce((product, size) => product * size, 1);
  const factor = Math.sqrt(3 * shape[0]! / count); // variance 1 over inputs
  const values = new Float32Array(count).map(() => {
    state = Math.imul(state, 1_664_525) + 1_013_904_223 | 0;
    return state / 2 ** 31 * (shape.length > 1 ? factor : 1);
  });
  return {
    name,
    shape,
    format: "f32" as const,
    data: new Uint8Array(values.buffer),
  };
});
const path = new URL("weights.safetensors", import.meta.url);
await writeSafetensors(path.pathname, tensors);
