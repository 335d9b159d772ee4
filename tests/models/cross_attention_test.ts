import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { createDevice, type DeviceOptions } from "../../core/create_device.ts";
import type { Device } from "../../core/device.ts";
import type { HostArray } from "../../core/dtype.ts";
import { evaluateOn } from "../../core/evaluate_on.ts";
import { WeightScope } from "../../core/template.ts";
import { leaf, type Tensor } from "../../core/tensor.ts";
import {
  crossAttention,
  type CrossAttentionConfig,
} from "../../models/flamingo/cross_attention.ts";
import { pageSlots } from "../../ops/cache_type.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { largestDifference } from "./compare.ts";

/** A golden block: the facts that its config is made of. */
type Facts =
  & Omit<CrossAttentionConfig, "layers" | "prefixOf">
  & { readonly name: string };

/** A golden block with its weights, inputs and results. */
interface Case {
  readonly facts: Facts;
  readonly weights: ReadonlyMap<string, readonly number[]>;
  readonly values: (name: string) => Float32Array<ArrayBuffer>;
  readonly media: Uint32Array<ArrayBuffer>;
  readonly rows: number;
  readonly length: number;
  readonly pictures: number;
}

const FOLDER = new URL("../golden/models/cross_attention/", import.meta.url);
const NONE = 0xffffffff;
const CASES = await Promise.all(
  (JSON.parse(readFileSync(new URL("cases.json", FOLDER), "utf8")) as Facts[])
    .map(openCase),
);

async function openCase(facts: Facts): Promise<Case> {
  const file = new URL(`${facts.name}.safetensors`, FOLDER).pathname;
  const tensors = await readSafetensors(file);
  const [rows, length] = tensors.get("x")!.shape as [number, number];
  return {
    facts,
    weights: new Map(
      [...tensors].filter(([name]) => /^(block|root)\./.test(name))
        .map(([name, { shape }]) => [name, shape]),
    ),
    values: (name) => tensors.get(name)!.values as Float32Array<ArrayBuffer>,
    media: Uint32Array.from(tensors.get("media")!.values as Int32Array),
    rows,
    length,
    pictures: tensors.get("latents")!.shape[1]!,
  };
}

/** The block's graph, and what the templates ask for. */
function graphOf({ facts, rows, length, pictures }: Case): {
  readonly y: Tensor;
  readonly leaves: ReadonlyMap<string, Tensor>;
} {
  const { width, mediaWidth, latents: r, heads, headDim } = facts;
  const made = crossAttention({ ...facts, layers: [0], prefixOf: () => "" });
  const leaves = new Map<string, Tensor>();
  const root = new WeightScope(leaves, "root.");
  const block = new WeightScope(leaves, "block.");
  const input = (name: string, shape: number[], dtype: "f32" | "u32" = "u32") =>
    leaf("input", name, { dtype, shape });
  const given = {
    latents: input("latents", [rows * pictures, r, mediaWidth], "f32"),
  };
  const { latents } = made.adapt?.build(root, given) ?? given;
  const state = leaf("state", "cache", {
    dtype: "f32",
    shape: [rows * pictures + 2, 2, heads, headDim, pageSlots(r)],
  });
  const slots = input("slots", [rows * pictures]);
  const { cache } = made.project.build(block, {
    latents: latents!,
    slots,
    cache: state,
  });
  const { x } = made.attend.build(block, {
    x: input("x", [rows, length, width], "f32"),
    media: input("media", [rows, length]),
    mediaTable: input("mediaTable", [rows, pictures + 1]),
    cache: cache!,
  });
  return { y: x!, leaves };
}

/**
 * Pictures lie in pages in another order than theirs; those that no token of
 * their row has come to are nowhere.
 */
function placesOf({ media, rows, length, pictures }: Case): {
  readonly slots: Uint32Array<ArrayBuffer>;
  readonly mediaTable: Uint32Array<ArrayBuffer>;
} {
  const slots = new Uint32Array(rows * pictures).fill(NONE);
  const mediaTable = new Uint32Array(rows * (pictures + 1)).fill(NONE);
  for (let row = 0; row < rows; row++) {
    const own = media.subarray(row * length, (row + 1) * length);
    for (let i = 0; i < Math.max(...own); i++) {
      const page = slots.length - (row * pictures + i);
      slots[row * pictures + i] = page;
      mediaTable[row * (pictures + 1) + i] = page;
    }
  }
  return { slots, mediaTable };
}

/** The block's result; `closed` gates are 0. */
async function run(
  device: Device,
  one: Case,
  closed: RegExp = /^$/,
): Promise<Float32Array> {
  const { y } = graphOf(one);
  const places = placesOf(one);
  const valuesOf = (asked: Tensor): HostArray => {
    const name = "name" in asked.source ? asked.source.name : "";
    const size = asked.shape.reduce((product, n) => product * n, 1);
    if (closed.test(name)) return new Float32Array(size);
    // What nobody wrote is large, so that whoever reads it shows.
    if (name === "cache") return new Float32Array(size).fill(1e3);
    if (name === "slots" || name === "mediaTable") return places[name];
    return name === "media" ? one.media : one.values(name);
  };
  const [values] = await evaluateOn(device, [y], valuesOf);
  return values as Float32Array;
}

const ALL_GATES = /gate$|\.alpha_/;
const ATTENTION_GATES = /attn_gate$|alpha_(cross_)?attn$/;

for (const choice of ["auto", "cpu"] as const) {
  const device: DeviceOptions = { device: choice };
  Deno.test(`gated blocks equal their references on ${choice}`, async (t) => {
    using tested = await createDevice(device);
    for (const one of CASES) {
      await t.step(one.facts.name, async () => {
        const { width } = one.facts;
        const actual = await run(tested, one), expected = one.values("y");
        let compared = 0;
        one.values("compared").forEach((isCompared, token) => {
          if (isCompared === 0) return;
          compared++;
          const span = [token * width, (token + 1) * width] as const;
          const error = largestDifference(
            actual.subarray(...span),
            expected.subarray(...span),
          );
          assert.ok(error <= 5e-5, `token ${token}: ${error}`);
        });
        assert.ok(compared > one.length);
      });
    }
  });

  Deno.test(`closed gates hand x on bit for bit on ${choice}`, async (t) => {
    using tested = await createDevice(device);
    for (const one of CASES) {
      await t.step(one.facts.name, async () => {
        const before = one.values("x");
        assert.deepEqual(await run(tested, one, ALL_GATES), before);
        assert.ok(largestDifference(await run(tested, one), before) > 0.1);
      });
    }
  });

  Deno.test(`tokens of no picture get no attention on ${choice}`, async (t) => {
    using tested = await createDevice(device);
    for (const one of CASES) {
      await t.step(one.facts.name, async () => {
        const { width } = one.facts;
        const open = await run(tested, one);
        const closed = await run(tested, one, ATTENTION_GATES);
        one.media.forEach((ordinal, token) => {
          const span = [token * width, (token + 1) * width] as const;
          const moved = largestDifference(
            open.subarray(...span),
            closed.subarray(...span),
          );
          if (ordinal === 0) assert.equal(moved, 0, `token ${token}`);
          else assert.ok(moved > 1e-3, `token ${token}`);
        });
      });
    }
  });
}

Deno.test("crossAttention() asks for the published names and sizes", () => {
  for (const one of CASES) {
    const asked = [...graphOf(one).leaves]
      .map(([name, { shape }]) => [name, [...shape]] as const);
    const there = [...one.weights].map(([name, shape]) =>
      [name, [...shape]] as const
    );
    const byName = (a: readonly [string, unknown], b: typeof a) =>
      a[0] < b[0] ? -1 : 1;
    assert.deepEqual(asked.sort(byName), there.sort(byName), one.facts.name);
  }
});

Deno.test("crossAttention() keeps the count of latents as it is", () => {
  for (const { facts } of CASES) {
    const made = crossAttention({ ...facts, layers: [0], prefixOf: () => "" });
    assert.equal(made.cache.latents, facts.latents);
  }
});

Deno.test("crossAttention() refuses norms that a dialect has no names for", () => {
  const [facts] = CASES.map((one) => one.facts);
  const config = { ...facts!, layers: [0], prefixOf: () => "" };
  assert.throws(
    () => crossAttention({ ...config, qkNorms: true }),
    /Cannot norm queries and keys in the dialect "open_flamingo".*qkNorms/,
  );
});
