/** Compares opened checkpoints with what Python says they hold. */
import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { decodeToF32 } from "../../core/decode_stored.ts";
import type { Checkpoint } from "../../core/stored_tensor.ts";
import expected from "../golden/readers/expected.json" with { type: "json" };
import kQuants from "../golden/readers/expected_k_quants.json" with {
  type: "json",
};
import numpy from "../golden/readers/expected_numpy.json" with { type: "json" };
import training from "../golden/readers/expected_training.json" with {
  type: "json",
};

interface ExpectedTensor {
  readonly shape: readonly number[];
  readonly format: string;
  readonly values: readonly number[];
}

const EXPECTED: Readonly<
  Record<string, Readonly<Record<string, ExpectedTensor>>>
> = { ...expected, ...kQuants, ...numpy, ...training };

/** Path of a golden file of the readers. */
export function goldenPath(file: string): string {
  return fileURLToPath(new URL(`../golden/readers/${file}`, import.meta.url));
}

/** Asserts that a checkpoint has exactly the tensors of a golden file. */
export async function checkGolden(
  checkpoint: Checkpoint,
  file: string,
): Promise<void> {
  const tensors = EXPECTED[file]!;
  assert.deepEqual(
    [...checkpoint.tensors.keys()].sort(),
    Object.keys(tensors).sort(),
  );
  for (const [name, { shape, format, values }] of Object.entries(tensors)) {
    const tensor = checkpoint.tensors.get(name)!;
    assert.deepEqual(tensor.shape, shape, name);
    assert.equal(tensor.format, format, name);
    const bytes = await tensor.read(0, tensor.sizeBytes);
    const numbers = decodeToF32(tensor.format, bytes);
    assert.deepEqual(numbers, Float32Array.from(values), `${file} ${name}`);
    await checkSlices(checkpoint, name, bytes);
  }
}

/** Any range of a tensor, asked for at the same time, equals the whole's. */
async function checkSlices(
  checkpoint: Checkpoint,
  name: string,
  whole: Uint8Array,
): Promise<void> {
  const tensor = checkpoint.tensors.get(name)!;
  const third = Math.floor(whole.length / 3);
  const ranges = [[0, third], [third, whole.length], [third, third]] as const;
  const parts = await Promise.all(ranges.map(([a, b]) => tensor.read(a, b)));
  ranges.forEach(([a, b], i) =>
    assert.deepEqual([...parts[i]!], [...whole.subarray(a, b)], name)
  );
}
