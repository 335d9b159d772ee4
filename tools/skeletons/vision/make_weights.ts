/**
 * Writes weights.safetensors: random numbers, for tests.
 *
 *     deno run -A make_weights.ts
 *
 * @module
 */

import { traceTemplate, writeSafetensors } from "@rookery/rookery";
import { sketchNameEncoder } from "./sketch_name.ts";

const { px, encode } = sketchNameEncoder({ px: 32, patchPx: 8, width: 24 });
const pixels = { dtype: "f32", shape: [1, 3, px, px], isState: false } as const;
const { weights } = traceTemplate(encode, { pixels });

let state = 1;
const tensors = [...weights].map(([name, { shape }]) => {
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
