import assert from "node:assert/strict";
import type { StoredTensor } from "../../../core/stored_tensor.ts";
import { inSlices } from "../../../plugins/quantize/tensor_slices.ts";
import { weightAs } from "../../../plugins/weight_as.ts";

/** A tensor of zeros that notes the ranges that are read. */
function watched(
  shape: readonly number[],
): { tensor: StoredTensor; reads: [number, number][] } {
  const reads: [number, number][] = [];
  const sizeBytes = 4 * shape.reduce((product, size) => product * size, 1);
  const tensor: StoredTensor = {
    name: "w",
    shape,
    format: "f32",
    sizeBytes,
    read: (start, end) => {
      reads.push([start, end]);
      return Promise.resolve(new Uint8Array(end - start));
    },
  };
  return { tensor, reads };
}

for (
  const shape of [[1500, 4096], [3, 100], [5_000_000], [7, 3, 3], [0, 32], []]
) {
  Deno.test(`inSlices() reads [${shape}] in order, some megabytes at a time`, async () => {
    const { tensor, reads } = watched(shape);
    let written = 0, most = 0;
    const { data } = inSlices(weightAs(tensor, "bf16"), "w");
    for await (const piece of data as AsyncIterable<Uint8Array>) {
      written += piece.length;
      most = Math.max(most, piece.length);
    }
    assert.equal(written, tensor.sizeBytes / 2);
    const sizes = reads.map(([start, end]) => end - start);
    assert.deepEqual(reads.map(([start]) => start), ends(sizes).slice(0, -1));
    assert.equal(ends(sizes).at(-1), tensor.sizeBytes);
    if (shape.length > 1) {
      assert.ok(sizes.every((size) => size <= 8 * 2 ** 20), `${sizes}`);
    }
  });
}

function ends(sizes: readonly number[]): number[] {
  let end = 0;
  return [0, ...sizes.map((size) => end += size)];
}
