import assert from "node:assert/strict";
import type { Tensors } from "../../core/template.ts";
import type { VisionEncoder } from "../../models/slots.ts";
import * as ops from "../../ops/mod.ts";
import { checkPlugin } from "../../plugins/check_plugin.ts";
import { crossAttentionPlugin } from "../../plugins/cross_attention/plugin.ts";
import { gpt2Plugin } from "../../plugins/gpt2/plugin.ts";
import { llamaPlugin } from "../../plugins/llama/plugin.ts";
import { perceiverPlugin } from "../../plugins/perceiver/plugin.ts";
import type { Plugin } from "../../plugins/plugin.ts";
import { tinyPlugin } from "../support/tiny_plugin.ts";
import { CASES, PATCHES } from "./check_plugin_cases.ts";
import { changed, rebuilt, whyOf } from "./spoilt_plugin.ts";

/** An encoder whose features are changed on their way out. */
function withFeatures(
  value: VisionEncoder,
  change: (features: Tensors[string]) => Tensors[string],
): VisionEncoder {
  return {
    ...value,
    encode: {
      ...value.encode,
      build: (scope, inputs) => {
        const { features } = value.encode.build(scope, inputs);
        return { features: change(features!) };
      },
    },
  };
}

const VISION_FAULTS: readonly (readonly [
  fault: string,
  make: () => Plugin,
  rule: RegExp,
  why: RegExp,
])[] = [
  [
    "of another contract",
    () => ({ ...tinyPlugin(), contract: 99 }),
    /^contract is/,
    /it is 99/,
  ],
  [
    "whose version is none",
    () => ({ ...tinyPlugin(), version: "new" }),
    /name and a version/,
    /"new": write it as 1\.0\.0/,
  ],
  [
    "with a part of a foreign name",
    () =>
      changed(
        tinyPlugin(),
        "vision",
        (part) => ({ ...part, name: "clip/vit" }),
      ),
    /named plugin\/part/,
    /"clip\/vit": it must be test\/ and a word/,
  ],
  [
    "with a part that is built in already",
    () =>
      changed(
        tinyPlugin(),
        "vision",
        (part) => ({ ...part, name: "clip/vit" }),
      ),
    /beside the built-in/,
    /both bring vision part "clip\/vit"/,
  ],
  [
    "whose schema takes anything",
    () =>
      changed(tinyPlugin(), "vision", (part) => ({
        ...part,
        schema: { isOptional: false, check: (value: unknown) => value },
      })),
    /unknown keys are refused/,
    /is accepted: use objectOf/,
  ],
  [
    "whose schema loses the path",
    () =>
      changed(tinyPlugin(), "vision", (part) => ({
        ...part,
        schema: {
          isOptional: false,
          check: (value: unknown, _, misfits) =>
            part.schema.check(value, "elsewhere", misfits),
        },
      })),
    /wrong values are refused/,
    /a wrong px is reported at elsewhere\.px: it must be vision\.px/,
  ],
  [
    "that builds another thing each time",
    () => {
      let count = 0;
      return rebuilt(tinyPlugin(), "vision", (value) => ({
        ...value,
        positions: value.positions + count++,
      }));
    },
    /builds the same/,
    /different sizes/,
  ],
  [
    "that states wrong positions",
    () =>
      rebuilt(tinyPlugin(), "vision", (value) => ({ ...value, positions: 8 })),
    /features are/,
    /features is f32 \[1, 9, 8\]: it must be f32 \[1, 8, 8\]/,
  ],
  [
    "whose rows touch",
    () =>
      rebuilt(
        tinyPlugin(),
        "vision",
        (value) =>
          withFeatures(value, (features) => {
            const [, n, d] = features!.shape as [number, number, number];
            const sum = ops.sumTo(features!, { shape: [1, n, d] });
            return ops.add(features!, sum);
          }),
      ),
    /do not touch/,
    /picture 0 of 2 differ from those of it alone by/,
  ],
  [
    "that does not read its pixels",
    () =>
      rebuilt(
        tinyPlugin(),
        "vision",
        (value) =>
          withFeatures(value, (features) => ops.mul(features!, ops.scalar(0))),
      ),
    /do not touch/,
    /pixels are not read/,
  ],
  [
    "whose numbers are none",
    () =>
      rebuilt(
        tinyPlugin(),
        "vision",
        (value) =>
          withFeatures(
            value,
            (features) => ops.div(features!, ops.sub(features!, features!)),
          ),
      ),
    /finite/,
    /has (NaN|-?Infinity) at/,
  ],
];

for (const [fault, make, rule, why] of VISION_FAULTS) {
  Deno.test(`checkPlugin() refuses a plugin ${fault}`, async () => {
    const plugin = make();
    const part = plugin.parts[0]!.name;
    const cases = [{ ...PATCHES, part }];
    const report = await checkPlugin(plugin, { cases });
    assert.match(whyOf(report, rule), why);
    assert.throws(() => report.throwIfFailed(), /Cannot accept plugin test/);
  });
}

Deno.test("checkPlugin() refuses a part without the case that it needs", async () => {
  const report = await checkPlugin(tinyPlugin());
  assert.match(
    whyOf(report, /section of its case/),
    /vision\.px: it is missing/,
  );
  const cases = [PATCHES, { part: "test/other" }];
  const other = await checkPlugin(tinyPlugin(), { cases });
  assert.match(whyOf(other, /cases name/), /it has no test\/other/);
});

Deno.test("checkPlugin() refuses a file without the tensors that are needed", async () => {
  const [own] = CASES["llama"]!;
  const cases = [{ ...own!, options: { layers: 4, ffnWidth: 90 } }];
  const report = await checkPlugin(llamaPlugin(), { cases });
  const why = whyOf(report, /same for any batch/);
  assert.match(
    why,
    /layers\.3\.mlp\.up_proj\.weight is missing, not \[90, 48\]/,
  );
  assert.match(why, /layers\.0\.mlp\.up_proj\.weight is \[88, 48\], not/);
});

Deno.test("checkPlugin() refuses a tokenizer that loses letters", async () => {
  const plugin = rebuilt(tinyPlugin(), "tokenizer", (value) => ({
    ...value,
    decode: (ids) => value.decode(ids).toLowerCase(),
  }));
  const report = await checkPlugin(plugin, { cases: [PATCHES] });
  assert.match(whyOf(report, /come back/), /is "two words: 1, 2\."/);
});

Deno.test("checkPlugin() refuses a language model whose past is not cached", async () => {
  const [, own] = CASES["gpt2"]!;
  const plugin = rebuilt(gpt2Plugin(), "language", (value) => {
    const { template, prefix } = value.embed;
    const mixed: typeof template = {
      ...template,
      build(scope, inputs) {
        const { x, ...rest } = template.build(scope, inputs);
        const [b, , d] = x!.shape as [number, number, number];
        return { ...rest, x: ops.add(x!, ops.sumTo(x!, { shape: [b, 1, d] })) };
      },
    };
    return { ...value, embed: { template: mixed, prefix } };
  });
  const report = await checkPlugin(plugin, { cases: [own!] });
  assert.match(whyOf(report, /cached decoding/), /differ from one forward by/);
  const headless = rebuilt(gpt2Plugin(), "language", (value) => ({
    ...value,
    vocabulary: value.vocabulary + 1,
  }));
  const other = await checkPlugin(headless, { cases: [own!] });
  assert.match(whyOf(other, /logits as stated/), /logits of head is f32/);
});

Deno.test("checkPlugin() refuses a resampler that sees one frame of a video", async () => {
  const plugin = rebuilt(perceiverPlugin(), "resampler", (value) => ({
    ...value,
    resample: {
      ...value.resample,
      build(scope, { features, ...rest }) {
        const first = ops.slice(features!, { axis: 1, start: 0, end: 1 });
        return value.resample.build(scope, { features: first, ...rest });
      },
    },
  }));
  const cases = CASES["perceiver"]!.slice(0, 1);
  const report = await checkPlugin(plugin, { cases });
  assert.match(whyOf(report, /every frame/), /last frame changes no latent/);
});

Deno.test("checkPlugin() refuses gated blocks that share weights or see every picture", async () => {
  const cases = CASES["cross_attention"]!.slice(0, 1);
  const twins = rebuilt(crossAttentionPlugin(), "crossAttention", (value) => ({
    ...value,
    blocks: value.blocks.map(({ layer }) => ({ layer, prefix: "0." })),
  }));
  const report = await checkPlugin(twins, { cases });
  assert.match(whyOf(report, /stand before layers/), /same weights/);
  const greedy = rebuilt(crossAttentionPlugin(), "crossAttention", (value) => ({
    ...value,
    attend: {
      ...value.attend,
      build(scope, { x, ...rest }) {
        const out = value.attend.build(scope, { x: x!, ...rest });
        const [b, , d] = x!.shape as [number, number, number];
        const all = ops.sumTo(out["x"]!, { shape: [b, 1, d] });
        return { x: ops.add(out["x"]!, all) };
      },
    },
  }));
  const other = await checkPlugin(greedy, { cases });
  assert.match(whyOf(other, /their own pictures/), /a picture not its own/);
});
