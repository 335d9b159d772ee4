import assert from "node:assert/strict";
import { computeLogits } from "../../cli/logits_outputs.ts";
import {
  type LogitsInputs,
  readLogitsInputs,
} from "../../cli/logits_inputs.ts";
import { createDevice } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import type { Flamingo } from "../../models/flamingo/flamingo.ts";
import { assemble, type AssembleOptions } from "../../plugins/assemble.ts";
import { valuesOf } from "../../plugins/computed_tensor.ts";
import type { BridgeSlot } from "../../plugins/plugin.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { assertClose } from "../support/assert_close.ts";
import { goldenPath, logitsOf, readRows } from "./flamingo_rows.ts";
import { argmax, deviation } from "./compare.ts";
import { planWeights } from "./planned_weights.ts";

const LLAMA = "open_flamingo/llama.json";
const MINI = "flamingo_mini_gpt2";
const DEVICES = ["auto", "cpu"] as const;

const hazards = await readSafetensors(
  goldenPath("open_flamingo/hazards.safetensors"),
);
const path = goldenPath("open_flamingo/inputs.safetensors");
const inputs = readLogitsInputs(await readSafetensors(path), path);
const { rows: ROWS, length: LENGTH } = inputs;
const exact = floats("exact_logits");
const VOCABULARY = exact.length / ROWS / LENGTH;

function floats(name: string): Float32Array {
  return hazards.get(name)!.values as Float32Array;
}

/** A model with some of its tensors changed, and its device. */
async function open(
  model: string,
  device: typeof DEVICES[number],
  { changes = [], options = {} }: {
    readonly changes?: readonly Change[];
    readonly options?: Partial<AssembleOptions>;
  } = {},
): Promise<{ model: Flamingo } & Disposable> {
  using held = new DisposableStack();
  const on = held.use(await createDevice({ device }));
  const weights = await changed(model, changes);
  const opened = held.use(
    await assemble(goldenPath(model), { ...options, device: on, weights }),
  );
  const kept = held.move();
  return { model: opened, [Symbol.dispose]: () => kept.dispose() };
}

/** A slot, names of its tensors, and what becomes of each value. */
type Change = readonly [
  slot: BridgeSlot,
  names: RegExp,
  change: (value: number, at: number) => number,
];

async function changed(
  model: string,
  changes: readonly Change[],
): Promise<Partial<Record<BridgeSlot, ReadonlyMap<string, StoredTensor>>>> {
  using planned = await planWeights(goldenPath(model));
  const made: Partial<Record<BridgeSlot, Map<string, StoredTensor>>> = {};
  for (const [slot, names, change] of changes) {
    const own = made[slot] ??= new Map();
    const found = [...planned.tensors.get(slot)!]
      .filter(([name]) => names.test(name));
    assert.ok(found.length > 0, `${slot} has ${names}`);
    for (const [name, stored] of found) {
      const values = (await valuesOf(stored)).map(change);
      own.set(name, inMemory(name, stored.shape, values));
    }
  }
  return made;
}

/** Logits of all rows by the command, without masked positions. */
async function keptLogits(
  model: Flamingo,
  of: LogitsInputs = inputs,
): Promise<Float32Array> {
  const [tensor] = await computeLogits(model, of);
  const { buffer } = tensor!.data as Uint8Array<ArrayBuffer>;
  return kept(new Float32Array(buffer), of.mask);
}

function kept(all: Float32Array, mask: readonly boolean[]): Float32Array {
  const places = mask.flatMap((isKept, at) => isKept ? [at] : []);
  const found = new Float32Array(places.length * VOCABULARY);
  places.forEach((at, i) =>
    found.set(
      all.subarray(at * VOCABULARY, (at + 1) * VOCABULARY),
      i * VOCABULARY,
    )
  );
  return found;
}

for (const device of DEVICES) {
  Deno.test(`logits of magnitude 1e4 are right to a millionth on ${device}`, async () => {
    using opened = await open(LLAMA, device, {
      changes: [["language", /^lm_head\.weight$/, (value) => 4096 * value]],
    });
    const own = await keptLogits(opened.model);
    const expected = kept(exact, inputs.mask).map((value) => 4096 * value);
    const most = expected.reduce((a, b) => Math.max(a, Math.abs(b)), 0);
    assert.ok(most > 1e4, `largest logit ${most}`);
    assertClose("logits", own, expected, { tolerance: 1e-6 * most });
  });

  Deno.test(`64 pictures in a row are all seen, each by its own token, on ${device}`, async () => {
    using opened = await open(LLAMA, device);
    const { values } = inputs.pixels!;
    const size = values.length / 21;
    const pixels = Array.from(
      { length: 64 },
      (_, i) =>
        values.slice((i % 21) * size, (i % 21 + 1) * size)
          .map((value) => Math.fround(value * (1 + i / 64))),
    );
    const tokens = [...hazards.get("long_ids")!.values].map(Number);
    const media = tokens.map((_, i) => Math.min(i + 1, 64));
    const row = { label: "long", tokens, media, pixels };
    const own = await logitsOf(opened.model, row);
    const expected = floats("long_logits");
    assertClose("logits", own, expected, { tolerance: 1e-3 });
    const last = -VOCABULARY;
    assert.equal(argmax(own.slice(last)), argmax(expected.slice(last)));
  });

  Deno.test(`rows with everything masked give zeros and disturb no other on ${device}`, async () => {
    using opened = await open(LLAMA, device);
    const mask = inputs.mask.map((each, at) => each && at >= 2 * LENGTH);
    const [tensor] = await computeLogits(opened.model, { ...inputs, mask });
    const { buffer } = tensor!.data as Uint8Array<ArrayBuffer>;
    const all = new Float32Array(buffer);
    const empty = all.subarray(0, 2 * LENGTH * VOCABULARY);
    assert.ok(empty.every((value) => value === 0));
    const [own, expected] = [all, exact].map((each) => kept(each, mask));
    assertClose("other rows", own!, expected!, { tolerance: 1e-3 });
  });

  Deno.test(`prompts of one token, and without any picture, are right on ${device}`, async () => {
    using opened = await open(LLAMA, device);
    const only = { ...inputs, rows: 1, length: 1, mask: [true] };
    const picture = inputs.ids[6 * LENGTH + 12]!;
    const { values, ...sizes } = inputs.pixels!;
    const perRow = values.length / ROWS;
    const own = await keptLogits(opened.model, {
      ...only,
      ids: [picture],
      pixels: { ...sizes, values: values.slice(6 * perRow, 7 * perRow) },
    });
    const at = (6 * LENGTH + 12) * VOCABULARY;
    assertClose("picture alone", own, exact.subarray(at, at + VOCABULARY), {
      tolerance: 1e-3,
    });
    // Row 3 has no picture; its slots are left out altogether.
    const [from, to] = [3 * LENGTH, 4 * LENGTH];
    const ids = inputs.ids.slice(from, to);
    const text = { ...only, length: LENGTH, ids, pixels: undefined };
    const mask = ids.map(() => true);
    const plain = await keptLogits(opened.model, { ...text, mask });
    const expected = exact.subarray(from * VOCABULARY, to * VOCABULARY);
    assertClose("no picture", plain, expected, { tolerance: 1e-3 });
    const first = { ...text, ids: inputs.ids.slice(0, LENGTH), mask };
    await assert.rejects(
      computeLogits(opened.model, first),
      /row 0 of input_ids marks 2 pictures: pixel_values has 0/,
    );
  });

  Deno.test(`attention scores of magnitude 1e4 leave finite logits on ${device}`, async () => {
    using opened = await open(LLAMA, device, {
      changes: [
        ["crossAttention", /attn\.to_q\.weight$/, (value) => 4096 * value],
        ["language", /self_attn\.q_proj\.weight$/, (value) => 4096 * value],
        ["resampler", /to_q\.weight$/, (value) => 4096 * value],
      ],
    });
    const own = await keptLogits(opened.model);
    assert.ok(own.every(Number.isFinite));
    assert.ok(own.some((value) => Math.abs(value) > 1));
  });

  Deno.test(`weights of NaN or infinity are an error, not a result, on ${device}`, async () => {
    for (const [slot, name] of NAN_PLACES) {
      for (const bad of [NaN, Infinity]) {
        const change = (value: number, at: number) => at === 3 ? bad : value;
        using opened = await open(LLAMA, device, {
          changes: [[slot, name, change]],
        });
        await assert.rejects(
          keptLogits(opened.model),
          { code: "numeric", message: /Cannot give logits as value \d+ of/ },
          `${slot} ${name} ${bad}`,
        );
      }
    }
  });

  Deno.test(`squared ReLU beyond the largest half is right with halves as weights on ${device}`, async () => {
    using opened = await open(MINI, device, {
      changes: OVERFLOWING,
      options: { dtype: { crossAttention: "f16" } },
    });
    await checkMini(opened.model);
  });

  Deno.test(`squared ReLU beyond the largest half, itself kept as halves, is right or an error on ${device}`, async () => {
    using opened = await open(MINI, device, {
      changes: OVERFLOWING,
      options: { engine: { activations: "f16" } },
    });
    const fault = await checkMini(opened.model).catch((error) => error);
    if (fault === undefined) return;
    assert.equal(fault.code, "numeric", fault.message);
    assert.match(fault.message, /kept as f16, which end at 65504, use f32/);
  });
}

/** A weight of each part. */
const NAN_PLACES: readonly (readonly [BridgeSlot, RegExp])[] = [
  ["vision", /^embeddings\.patch_embedding\.weight$/],
  ["resampler", /^latents$/],
  ["crossAttention", /attn\.to_out\.weight$/],
  ["language", /^model\.norm\.weight$/],
];

/**
 * Factors that the squared ReLU takes out of each other: the layer's inner
 * values grow by 2²⁰, its result stays.
 */
const OVERFLOWING: readonly Change[] = [
  ["crossAttention", /ffw\.1\.weight$/, (value) => 64 * value],
  ["crossAttention", /ffw\.3\.weight$/, (value) => value / 4096],
];

/** Compares with the model whose values are small; halves are this coarse. */
async function checkMini(model: Flamingo): Promise<void> {
  const golden = {
    model: MINI,
    inputs: `${MINI}/inputs.safetensors`,
    outputs: `${MINI}/logits.safetensors`,
  };
  for (const row of await readRows(golden, model)) {
    const own = await logitsOf(model, row);
    const spread = deviation(row.logits);
    assertClose(row.label, own, row.logits, { tolerance: 2e-2 * spread });
  }
}
