import assert from "node:assert/strict";
import {
  bannedOffset,
  CONTROL,
  controlWidth,
  RING_ENTRIES,
  STOP_TOKENS,
} from "../../ops/control_row.ts";
import { readControlRow } from "../../ops/read_control_row.ts";
import { MOST_TOP, NO_TOKEN, TOPS_WIDTH } from "../../ops/top_entries.ts";
import { writeControlRow } from "../../ops/write_control_row.ts";

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
    error: 0,
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

Deno.test("readControlRow() gives the noted tokens of each sample", () => {
  const row = new Uint32Array(controlWidth(1));
  writeControlRow(row, { drawn: 1, top: 3 });
  row[CONTROL.drawn] = 2;
  row[CONTROL.ring + 2] = 7;
  const tops = new Uint32Array(TOPS_WIDTH);
  const likelihoods = new Float32Array(tops.buffer);
  const entry = 2 * MOST_TOP; // of the second draw
  tops.set([9, 0, 7, 0, NO_TOKEN, 0, 5], entry);
  likelihoods[entry + 1] = -0.25;
  likelihoods[entry + 3] = -1.5;
  assert.deepEqual(readControlRow(row, tops).samples[1], {
    token: 7,
    logprob: 0,
    top: [{ token: 9, logprob: -0.25 }, { token: 7, logprob: -1.5 }],
  });
});

Deno.test("writeControlRow() refuses tokens beyond the vocabulary", () => {
  const row = new Uint32Array(controlWidth(32));
  assert.throws(() => writeControlRow(row, { banned: [32] }), /token 32.*32/);
  assert.throws(() => writeControlRow(row, { seen: [-1] }), /token -1/);
});

Deno.test("writeControlRow() refuses more stop tokens than it has room for", () => {
  const row = new Uint32Array(controlWidth(32));
  const stops = Array.from({ length: STOP_TOKENS }, (_, i) => i);
  writeControlRow(row, { stops });
  assert.equal(row[CONTROL.ring], 0);
  stops.push(32);
  assert.throws(() => writeControlRow(row, { stops }), /33 .* at most 32/);
});
