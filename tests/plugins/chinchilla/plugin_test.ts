import assert from "node:assert/strict";
import { chinchillaPlugin } from "../../../plugins/chinchilla/plugin.ts";
import { Misfits } from "../../../plugins/misfits.ts";
import type { Part, PartContext } from "../../../plugins/plugin.ts";

async function built(section: object, overrides = new Map()) {
  const part = chinchillaPlugin().parts[0] as Part<"language">;
  const misfits = new Misfits();
  const config = part.schema.check(section, "language", misfits);
  misfits.throwIfAny("config", "build");
  const context: PartContext = { source: undefined, neighbours: {}, overrides };
  return await part.build(config, context);
}

Deno.test("chinchilla/decoder takes the papers' proportions", async () => {
  const model = await built({ layers: 24, width: 2048, heads: 16 });
  assert.equal(model.blocks.length, 24);
  assert.equal(model.vocabulary, 32_000);
  assert.equal(model.context, 2048);
  assert.deepEqual(model.cache, { heads: 16, headDim: 128 });
  const rows = new Map([["embed.weight", [32_002, 2048]]]);
  const grown = await built({ layers: 1, width: 2048, heads: 16 }, rows);
  assert.equal(grown.vocabulary, 32_002);
});

Deno.test("chinchilla/decoder refuses sizes that cannot be", async () => {
  await assert.rejects(
    built({ layers: 1, width: 20, heads: 3 }),
    /headDim is 6\.66.*: it must be a whole number/,
  );
  await assert.rejects(
    built({ layers: 1, width: 21, heads: 3 }),
    /its width 21 is odd/,
  );
  await assert.rejects(built({ layers: 1, width: 8 }), /say heads/);
});
