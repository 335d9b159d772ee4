import assert from "node:assert/strict";
import { inMemory } from "../../../core/evaluate_on.ts";
import type { Checkpoint } from "../../../core/stored_tensor.ts";
import { Misfits } from "../../../plugins/misfits.ts";
import { mptPlugin } from "../../../plugins/mpt/plugin.ts";
import type { Part, PartContext } from "../../../plugins/plugin.ts";

const SECTION = { layers: 1, width: 12, heads: 3, vocabulary: 9 };

/** The part with a checked section, and an embedding of `rows` handed in. */
function opened(section: object, rows?: number) {
  const part = mptPlugin().parts[0] as Part<"language">;
  const misfits = new Misfits();
  const config = part.schema.check(section, "language", misfits);
  misfits.throwIfAny("config", "build");
  const overrides = new Map(
    rows === undefined ? [] : [["transformer.wte.weight", [rows, 12]]],
  );
  const context: PartContext = { source: undefined, neighbours: {}, overrides };
  return { part, config, context };
}

async function built(section: object, rows?: number) {
  const { part, config, context } = opened(section, rows);
  return await part.build(config, context);
}

Deno.test("mpt/decoder needs no files where the config says the sizes", async () => {
  const model = await built(SECTION);
  assert.equal(model.vocabulary, 9);
  assert.equal(model.context, 2048);
  assert.deepEqual(model.cache, { heads: 3, headDim: 4 });
});

Deno.test("mpt/decoder takes its vocabulary from an embedding handed in", async () => {
  assert.equal((await built(SECTION, 11)).vocabulary, 11);
  const head = inMemory("lm_head.weight", [9, 12], new Float32Array(108));
  const checkpoint: Checkpoint = {
    tensors: new Map([[head.name, head]]),
    metadata: {},
    path: "folder",
    [Symbol.dispose]: () => {},
  };
  const weights = async (rows?: number) => {
    const { part, config, context } = opened(
      { ...SECTION, isTied: false },
      rows,
    );
    return (await part.weights!(checkpoint, config, context)).get(head.name)!;
  };
  assert.deepEqual((await weights()).shape, [9, 12]);
  assert.deepEqual((await weights(11)).shape, [11, 12]);
});

Deno.test("mpt/decoder refuses heads that do not divide, and names what lacks", async () => {
  const refused = (changes: object, message: RegExp) =>
    assert.rejects(built({ ...SECTION, ...changes }), message);
  await refused({ heads: 5 }, /width 12 cannot be split into 5/);
  await refused({ kvHeads: 2 }, /3 heads cannot share 2 key/);
  await refused({ layers: undefined }, /say layers/);
});
