/**
 * The checks that every whole model must pass, from one set of golden data:
 * what the `logits` command computes on each device, portions, closed gates,
 * and changed pictures.
 *
 * @module
 */

import assert from "node:assert/strict";
import { join } from "node:path";
import { createDevice } from "../../core/create_device.ts";
import type { Device } from "../../core/device.ts";
import {
  type Flamingo,
  readSafetensors,
  type TensorInMemory,
} from "../../mod.ts";
import { assemble } from "../../plugins/assemble.ts";
import { rookery } from "../cli/recorded_output.ts";
import { assertClose } from "../support/assert_close.ts";
import { argmax, deviation } from "./compare.ts";
import {
  type FlamingoGolden,
  type FlamingoRow,
  goldenPath,
  logitsOf,
  numbers,
  readRows,
} from "./flamingo_rows.ts";
import { checkChangedPictures } from "./check_changed_pictures.ts";
import {
  assembleBare,
  closedGates,
  type PlannedModel,
  planWeights,
} from "./planned_weights.ts";

/** Most that a logit, latent or feature may be off. */
const TOLERANCE = 1e-3;

/** Most that a logit may move when the same tokens come in portions. */
const PORTION_TOLERANCE = 1e-4;

/** Most that halves may move a logit, in standard deviations of all logits. */
const HALF_TOLERANCE = 2e-2;

/** Registers the tests of a whole model. */
export function checkFlamingo(golden: FlamingoGolden): void {
  const { name = golden.model } = golden;
  const model = goldenPath(golden.model);
  for (const device of ["auto", "cpu"] as const) {
    Deno.test(`${name}: logits, latents and features equal the reference's on ${device}`, async () => {
      const found = await runLogits(golden, device);
      const expected = await readSafetensors(goldenPath(golden.outputs));
      const inputs = await readSafetensors(goldenPath(golden.inputs));
      for (const part of ["vision_features", "latents"]) {
        const [own, wanted] = [found.get(part)!, expected.get(part)!];
        assert.deepEqual(own.shape, wanted.shape);
        assertClose(part, numbers(own), numbers(wanted), {
          tolerance: TOLERANCE,
        });
      }
      compareLogits(found, expected, inputs.get("attention_mask")!);
    });
    Deno.test(`${name}: portions and single tokens equal one long chunk on ${device}`, async () => {
      using on = await createDevice({ device });
      using opened = await assemble(model, { device: on });
      for (const row of await readRows(golden, opened)) {
        await checkPortions(opened, row);
      }
    });
  }
  for (const device of ["auto", "cpu"] as const) {
    Deno.test(`${name}: halves as weights and between layers stay near the reference on ${device}`, async () => {
      using on = await createDevice({ device });
      const options = { dtype: "f16", engine: { activations: "f16" } } as const;
      using opened = await assemble(model, { device: on, ...options });
      for (const row of await readRows(golden, opened)) {
        const tolerance = HALF_TOLERANCE * deviation(row.logits);
        const own = await logitsOf(opened, row);
        assertClose(row.label, own, row.logits, { tolerance });
      }
    });
  }
  Deno.test(`${name}: closed gates leave the bare language model's logits bit for bit`, async () => {
    using device = await createDevice();
    using planned = await planWeights(model);
    await checkClosed(golden, planned, device);
  });
  Deno.test(`${name}: a changed picture moves only tokens from its own on`, async () => {
    using device = await createDevice();
    using opened = await assemble(model, { device });
    const rows = await readRows(golden, opened);
    await checkChangedPictures(rows, (row) => logitsOf(opened, row));
  });
}

/** What the command writes. */
async function runLogits(
  { model, inputs }: FlamingoGolden,
  device: string,
): Promise<ReadonlyMap<string, TensorInMemory>> {
  const folder = await Deno.makeTempDir();
  const out = join(folder, "out.safetensors");
  try {
    const { code, notes } = await rookery(
      "logits",
      ...["--model", goldenPath(model), "--inputs", goldenPath(inputs)],
      ...["--out", out, "--device", device],
    );
    assert.equal(code, 0, notes);
    return await readSafetensors(out);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Logits at positions that count, and the likeliest token after each. */
function compareLogits(
  found: ReadonlyMap<string, TensorInMemory>,
  expected: ReadonlyMap<string, TensorInMemory>,
  mask: TensorInMemory,
): void {
  const { shape } = expected.get("logits")!;
  const [own, wanted] = [found, expected].map((all) => all.get("logits")!);
  assert.deepEqual(own!.shape, shape);
  const vocabulary = shape.at(-1)!;
  const length = shape[1]!;
  for (let at = 0; at < mask.values.length; at++) {
    if (Number(mask.values[at]) === 0) continue;
    const span = [at * vocabulary, (at + 1) * vocabulary] as const;
    const [a, b] = [own!, wanted!].map((each) =>
      numbers(each).subarray(...span)
    );
    const label = `logits of row ${Math.floor(at / length)}, ${at % length}`;
    assertClose(label, a!, b!, { tolerance: TOLERANCE });
    assert.equal(argmax(a!), argmax(b!), label);
  }
}

async function checkPortions(
  model: Flamingo,
  row: FlamingoRow,
): Promise<void> {
  const whole = await logitsOf(model, row);
  const { label, tokens: { length } } = row;
  const third = Math.ceil(length / 3);
  const sizes = [third, third, ...Array<number>(length).fill(1)];
  const parts = await logitsOf(model, row, sizes);
  const tolerance = PORTION_TOLERANCE;
  assertClose(label, parts, whole, { tolerance });
  const first = {
    ...row,
    tokens: row.tokens.slice(0, 1),
    media: row.media.slice(0, 1),
  };
  const alone = await logitsOf(model, first);
  assertClose(`${label}: one token`, alone, whole.subarray(0, alone.length), {
    tolerance,
  });
}

async function checkClosed(
  golden: FlamingoGolden,
  planned: PlannedModel,
  device: Device,
): Promise<void> {
  using bare = await assembleBare(planned, { device });
  const gates = closedGates(planned);
  assert.equal(gates.size, 2 * planned.gatedBlocks);
  using closed = await assemble(goldenPath(golden.model), {
    device,
    weights: { crossAttention: gates },
  });
  for (const row of await readRows(golden, closed)) {
    const without = { ...row, media: row.media.map(() => 0) };
    const plain = await logitsOf(bare, without);
    assert.deepEqual(await logitsOf(closed, row), plain, row.label);
    const moved = row.logits.some((value, i) =>
      Math.abs(value - plain[i]!) > 1e-2
    );
    assert.ok(moved, `${row.label}: open gates change something`);
  }
}
