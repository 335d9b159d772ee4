/** K quants in the formats of the device: how far from Python's values. */
import assert from "node:assert/strict";
import { decodeToF32 } from "../../core/decode_stored.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { openGguf } from "../../plugins/gguf/reader.ts";
import { q4KAsQ41, q6KAsF16 } from "../../plugins/k_quants.ts";
import { goldenPath } from "./golden_checkpoint.ts";

async function valuesOf(tensor: StoredTensor): Promise<Float32Array> {
  const bytes = await tensor.read(0, tensor.sizeBytes);
  return decodeToF32(tensor.format, bytes);
}

/** Any range of the changed tensor equals the whole's. */
async function checkSlices(tensor: StoredTensor): Promise<void> {
  const whole = await tensor.read(0, tensor.sizeBytes);
  assert.equal(whole.length, tensor.sizeBytes);
  for (let from = 0; from < whole.length; from += 97) {
    const to = Math.min(from + 301, whole.length);
    const part = await tensor.read(from, to);
    assert.deepEqual([...part], [...whole.subarray(from, to)]);
  }
}

Deno.test("q4KAsQ41() keeps levels and rounds scales and minima", async () => {
  using checkpoint = await openGguf(goldenPath("k_quants.gguf"));
  const stored = checkpoint.tensors.get("w.q4_k")!;
  const changed = q4KAsQ41(stored);
  assert.equal(changed.format, "q4_1");
  assert.equal(changed.sizeBytes, 3 * 512 / 32 * 20);
  await checkSlices(changed);
  const [exact, near] = [await valuesOf(stored), await valuesOf(changed)];
  const levels = await valuesOfParts(stored);
  let isOff = false;
  exact.forEach((value, i) => {
    const { scaled, minimum } = levels[i]!;
    // Half a step of each half, and the rounding of their sum to f32.
    const allowed = 2 ** -11 * (Math.abs(scaled) + Math.abs(minimum)) +
      2 ** -20 + 2 ** -23 * Math.abs(value);
    const error = Math.abs(near[i]! - value);
    assert.ok(error <= allowed, `${near[i]} is not ${value} (element ${i})`);
    isOff ||= error > 0;
  });
  assert.ok(isOff, "the rounding shows, so it is not said to be exact");
});

/** `scale · level` and minimum of each element, by the format's own text. */
async function valuesOfParts(
  tensor: StoredTensor,
): Promise<{ scaled: number; minimum: number }[]> {
  const bytes = await tensor.read(0, tensor.sizeBytes);
  const view = new DataView(bytes.buffer);
  const all: { scaled: number; minimum: number }[] = [];
  for (let at = 0; at < bytes.length; at += 144) {
    const at12 = bytes.subarray(at + 4, at + 16);
    for (let part = 0; part < 8; part++) {
      const j = part % 4;
      const scale = part < 4
        ? at12[j]! % 64
        : at12[8 + j]! % 16 + (at12[j]! >> 6) * 16;
      const least = part < 4
        ? at12[4 + j]! % 64
        : (at12[8 + j]! >> 4) + (at12[4 + j]! >> 6) * 16;
      for (let i = 0; i < 32; i++) {
        const pair = bytes[at + 16 + Math.floor(part / 2) * 32 + i]!;
        const level = part % 2 === 0 ? pair % 16 : pair >> 4;
        all.push({
          scaled: view.getFloat16(at, true) * scale * level,
          minimum: view.getFloat16(at + 2, true) * least,
        });
      }
    }
  }
  return all;
}

Deno.test("q6KAsF16() rounds to the nearest halves", async () => {
  using checkpoint = await openGguf(goldenPath("k_quants.gguf"));
  const stored = checkpoint.tensors.get("w.q6_k")!;
  const small = {
    ...stored,
    read: async (start: number, end: number) => {
      const bytes = await stored.read(start, end);
      for (let at = 209; at < bytes.length; at += 210) bytes[at]! &= 0x8f;
      return bytes;
    },
  };
  const changed = q6KAsF16(small);
  assert.equal(changed.format, "f16");
  assert.equal(changed.sizeBytes, 3 * 512 * 2);
  await checkSlices(changed);
  assert.deepEqual(
    await valuesOf(changed),
    (await valuesOf(small)).map(Math.f16round),
  );
});

/** A tensor of one block with the given halves; all else is 255. */
function block(format: "q4_k" | "q6_k", ...halves: number[]): StoredTensor {
  const bytes = new Uint8Array(format === "q4_k" ? 144 : 210).fill(255);
  const view = new DataView(bytes.buffer);
  const start = format === "q4_k" ? 0 : 208;
  halves.forEach((half, i) => view.setFloat16(start + 2 * i, half, true));
  return {
    name: "blk.0.w",
    shape: [1, 256],
    format,
    sizeBytes: bytes.length,
    read: (from, to) => Promise.resolve(bytes.slice(from, to)),
  };
}

Deno.test("K quants beyond the halves are refused by name", async () => {
  const good = await valuesOf(q4KAsQ41(block("q4_k", 1000, 1000)));
  // 63000 is rounded to a multiple of 32.
  assert.equal(good[0], 63008 * 14);
  const cases = [
    [q4KAsQ41(block("q4_k", 2000, 1)), /blk.0.w in halves.*needs 126000:/],
    [q4KAsQ41(block("q4_k", 1, 2000)), /blk.0.w in halves.*needs -126000:/],
    [q4KAsQ41(block("q4_k", NaN, 1)), /blk.0.w in halves.*needs NaN:/],
    [q6KAsF16(block("q6_k", 5000)), /in halves.*needs -155000.*load it as f32/],
  ] as const;
  for (const [tensor, message] of cases) {
    await assert.rejects(tensor.read(0, tensor.sizeBytes), message);
  }
});
