import assert from "node:assert/strict";
import { decodeToF32 } from "../../core/decode_stored.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import { f32ToF16 } from "../../core/float16.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import {
  concatenatedRows,
  permutedRows,
  q40AsQ41,
  resizedRows,
  transposedMatrix,
} from "../../plugins/derived_tensor.ts";
import { createRandom } from "../support/random.ts";

/** Rows of 3 bytes that hold their own number. */
function numbered(rows: number, log: string[] = []): StoredTensor {
  const bytes = new Uint8Array(rows * 3);
  for (let i = 0; i < bytes.length; i++) bytes[i] = Math.floor(i / 3);
  return {
    name: "numbered",
    shape: [rows, 3],
    format: "u8",
    sizeBytes: bytes.length,
    read: (start, end) => {
      log.push(`${start}-${end}`);
      return Promise.resolve(bytes.slice(start, end));
    },
  };
}

Deno.test("permutedRows() moves whole rows, whatever range is read", async () => {
  const order = [3, 0, 2, 1];
  const tensor = permutedRows(numbered(4), (row) => order[row]!);
  const all = await tensor.read(0, 12);
  assert.deepEqual([...all], [3, 3, 3, 0, 0, 0, 2, 2, 2, 1, 1, 1]);
  for (let start = 0; start <= 12; start++) {
    for (let end = start; end <= 12; end++) {
      assert.deepEqual(await tensor.read(start, end), all.slice(start, end));
    }
  }
});

Deno.test("permutedRows() reads nothing before it is asked", async () => {
  const log: string[] = [];
  const tensor = permutedRows(numbered(100, log), (row) => 99 - row);
  assert.deepEqual(log, []);
  await tensor.read(0, 6);
  assert.deepEqual(log, ["294-300"]);
});

Deno.test("permutedRows() reads distant rows one by one", async () => {
  const log: string[] = [];
  const tensor = permutedRows(numbered(100, log), (row) => row * 50 % 100);
  assert.deepEqual([...await tensor.read(0, 6)], [0, 0, 0, 50, 50, 50]);
  assert.deepEqual(log, ["0-3", "150-153"]);
});

Deno.test("concatenatedRows() reads across its parts", async () => {
  const tensor = concatenatedRows("both", [numbered(2), numbered(3)]);
  assert.deepEqual(tensor.shape, [5, 3]);
  assert.deepEqual([...await tensor.read(4, 9)], [1, 1, 0, 0, 0]);
  const other = inMemory("other", [1, 3], new Float32Array(3));
  assert.throws(
    () => concatenatedRows("both", [numbered(2), other]),
    /Cannot join rows of numbered \(u8, \[2, 3\]\) and other \(f32, \[1, 3\]\)/,
  );
});

Deno.test("resizedRows() cuts rows off, and appends rows of zeros", async () => {
  const tensor = numbered(4);
  assert.equal(resizedRows(tensor, 4), tensor);
  const shorter = resizedRows(tensor, 2);
  assert.deepEqual([shorter.shape, shorter.sizeBytes], [[2, 3], 6]);
  assert.deepEqual([...await shorter.read(0, 6)], [0, 0, 0, 1, 1, 1]);
  const log: string[] = [];
  const longer = resizedRows(numbered(3, log), 5);
  assert.deepEqual([longer.shape, longer.sizeBytes], [[5, 3], 15]);
  const bytes = [0, 0, 0, 1, 1, 1, 2, 2, 2, 0, 0, 0, 0, 0, 0];
  for (let start = 0; start <= 15; start++) {
    for (let end = start; end <= 15; end++) {
      const range = await longer.read(start, end);
      assert.deepEqual([...range], bytes.slice(start, end));
    }
  }
  log.length = 0;
  await longer.read(9, 15);
  assert.deepEqual(log, []);
});

Deno.test("resizedRows() keeps quantised rows as they are", async () => {
  const tensor = { ...q40([0.5, -1, 2], 5), shape: [3, 32] };
  const longer = resizedRows(tensor, 4);
  const values = decodeToF32("q4_0", await longer.read(0, longer.sizeBytes));
  const own = decodeToF32("q4_0", await tensor.read(0, tensor.sizeBytes));
  assert.deepEqual(values.slice(0, 96), own);
  assert.ok(values.slice(96).every((value) => value === 0));
});

Deno.test("transposedMatrix() exchanges the axes, whatever range is read", async () => {
  const values = Float32Array.of(1, 2, 3, 4, 5, 6);
  const tensor = transposedMatrix(inMemory("m", [2, 3], values));
  assert.deepEqual(tensor.shape, [3, 2]);
  const all = await tensor.read(0, 24);
  const expected = Float32Array.of(1, 4, 2, 5, 3, 6);
  assert.deepEqual(decodeToF32("f32", all), expected);
  for (let start = 0; start <= 24; start++) {
    assert.deepEqual(await tensor.read(start, 24), all.slice(start));
  }
  assert.deepEqual(await tensor.read(5, 11), all.slice(5, 11));
  assert.throws(
    () => transposedMatrix(q40([1], 1)),
    /Cannot transpose q \(q4_0, \[1, 32\]\): it must be a matrix of a format/,
  );
});

function q40(scales: readonly number[], seed: number): StoredTensor {
  const random = createRandom(seed);
  const bytes = new Uint8Array(scales.length * 18).map(() => 256 * random());
  const view = new DataView(bytes.buffer);
  scales.forEach((scale, i) => view.setUint16(i * 18, f32ToF16(scale), true));
  return {
    name: "q",
    shape: [1, scales.length * 32],
    format: "q4_0",
    sizeBytes: bytes.length,
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}

Deno.test("q40AsQ41() changes no value", async () => {
  const from = q40([0.0123, -1.5, 2 ** -24, 0, 8188], 3);
  const to = q40AsQ41(from);
  assert.equal(to.sizeBytes, 5 * 20);
  const bytes = await to.read(0, to.sizeBytes);
  assert.deepEqual(
    decodeToF32("q4_1", bytes).map((value) => value + 0),
    decodeToF32("q4_0", await from.read(0, from.sizeBytes))
      .map((value) => value + 0),
  );
  assert.deepEqual(await to.read(15, 55), bytes.slice(15, 55));
});

Deno.test("q40AsQ41() refuses a scale whose minimum is no half", async () => {
  const tensor = q40AsQ41(q40([9000], 4));
  await assert.rejects(tensor.read(0, 20), /scale 9000: at most 8188/);
});
