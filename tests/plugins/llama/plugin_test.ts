import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import type { Checkpoint } from "../../../core/stored_tensor.ts";
import type { Part, PartContext } from "../../../plugins/plugin.ts";
import { llamaPlugin } from "../../../plugins/llama/plugin.ts";
import { Misfits } from "../../../plugins/misfits.ts";

const SIZES = {
  layers: 1,
  width: 4,
  heads: 2,
  ffnWidth: 8,
  vocabulary: 5,
  context: 16,
};

/** The part, its checked options, and a context with such an embedding. */
function decoderOf(options: Record<string, unknown>, rows?: number) {
  const part = llamaPlugin().parts[0] as Part<"language">;
  const misfits = new Misfits();
  const config = part.schema.check(options, "language", misfits);
  misfits.throwIfAny("config", "use the options");
  const overrides = new Map(
    rows === undefined ? [] : [["model.embed_tokens.weight", [rows, 4]]],
  );
  const context: PartContext = { source: undefined, neighbours: {}, overrides };
  return { part, config, context };
}

Deno.test("llama/decoder needs no file where all sizes are given", async () => {
  const { part, config, context } = decoderOf({
    ...SIZES,
    ropeScaling: { kind: "linear", factor: 2 },
  });
  const model = await part.build(config, context);
  assert.deepEqual(model.cache, { heads: 2, headDim: 2 });
  assert.equal(model.vocabulary, 5);
});

Deno.test("llama/decoder says what is wrong with its sizes", async () => {
  const { width: _, ...lacking } = SIZES;
  const cases: readonly (readonly [Record<string, unknown>, RegExp])[] = [
    [lacking, /say width, headDim: use weights/],
    [{ ...SIZES, kvHeads: 3 }, /2 heads cannot share 3 key and value heads/],
    [{ ...SIZES, headDim: 5 }, /heads of width 5 cannot be rotated in pairs/],
    [{ ...SIZES, ropeScaling: { kind: "linear" } }, /its factor is missing/],
  ];
  for (const [options, message] of cases) {
    const { part, config, context } = decoderOf(options);
    await assert.rejects(
      async () => await part.build(config, context),
      message,
    );
  }
  assert.throws(
    () => decoderOf({ ...SIZES, ropeScaling: { kind: "yarns" } }),
    /must be one of .*"yarn"/,
  );
});

Deno.test("llama/decoder takes the vocabulary from an embedding that is handed in", async () => {
  for (const rows of [3, 7]) {
    const { part, config, context } = decoderOf(SIZES, rows);
    assert.equal((await part.build(config, context)).vocabulary, rows);
    const head = Float32Array.from({ length: 20 }, (_, i) => i + 1);
    const checkpoint: Checkpoint = {
      path: "m",
      metadata: {},
      tensors: new Map([
        ["lm_head.weight", inMemory("lm_head.weight", [5, 4], head)],
      ]),
      [Symbol.dispose]: () => {},
    };
    const tensors = await part.weights!(checkpoint, config, context);
    const resized = tensors.get("lm_head.weight")!;
    assert.deepEqual(resized.shape, [rows, 4]);
    const bytes = await resized.read(0, resized.sizeBytes);
    const values = new Float32Array(bytes.slice().buffer);
    const expected = Array.from({ length: rows * 4 }, (_, i) => head[i] ?? 0);
    assert.deepEqual([...values], expected);
  }
});
