import assert from "node:assert/strict";
import {
  bannedOffset,
  CONTROL,
  controlWidth,
  readControlRow,
  RING_ENTRIES,
  writeControlRow,
} from "../../ops/control_row.ts";

Deno.test("writeControlRow() gives neutral values to what is left out", () => {
  const row = new Uint32Array(controlWidth(40)).fill(9);
  writeControlRow(row, { token: 3, position: 7, seen: [33], banned: [0, 39] });
  const floats = new Float32Array(row.buffer);
  assert.equal(floats[CONTROL.temperature], 0);
  assert.equal(floats[CONTROL.topP], 1);
  assert.equal(floats[CONTROL.penalty], 1);
  assert.deepEqual([...row.subarray(CONTROL.seen)], [0, 2, 1, 128]);
  assert.equal(bannedOffset(row.length), CONTROL.seen + 2);
  assert.deepEqual(readControlRow(row), {
    token: 3,
    position: 7,
    count: 0,
    media: 0,
    isDone: false,
    hasFailed: false,
    drawn: 0,
    samples: [],
  });
});

Deno.test("readControlRow() gives the ring's latest samples in order", () => {
  const row = new Uint32Array(controlWidth(1));
  writeControlRow(row, { drawn: RING_ENTRIES + 2 });
  for (let i = 0; i < RING_ENTRIES; i++) row[CONTROL.ring + 2 * i] = i;
  const { samples } = readControlRow(row);
  assert.equal(samples.length, RING_ENTRIES);
  assert.deepEqual(samples.map(({ token }) => token).slice(-3), [63, 0, 1]);
  assert.equal(samples[0]!.token, 2);
});

Deno.test("writeControlRow() refuses tokens beyond the vocabulary", () => {
  const row = new Uint32Array(controlWidth(32));
  assert.throws(() => writeControlRow(row, { banned: [32] }), /token 32.*32/);
  assert.throws(() => writeControlRow(row, { seen: [-1] }), /token -1/);
});

Deno.test("writeControlRow() refuses more stop tokens than it has room for", () => {
  const row = new Uint32Array(controlWidth(32));
  const stops = [1, 2, 3, 4, 5, 6, 7, 8, 9];
  assert.throws(() => writeControlRow(row, { stops }), /9 .* at most 8/);
});
