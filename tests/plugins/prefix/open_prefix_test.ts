import assert from "node:assert/strict";
import { join } from "node:path";
import { createDevice } from "../../../core/create_device.ts";
import type { RookeryError } from "../../../core/errors.ts";
import type { Flamingo } from "../../../models/flamingo/flamingo.ts";
import type { Media } from "../../../models/flamingo/media.ts";
import type { Prefix } from "../../../models/flamingo/prefix.ts";
import type { PromptItem } from "../../../models/flamingo/prompt.ts";
import { describe } from "../../../models/tasks/caption.ts";
import { classify } from "../../../models/tasks/classify.ts";
import { shotItems } from "../../../models/tasks/shots.ts";
import { openPrefix } from "../../../plugins/prefix/open_prefix.ts";
import { savePrefix } from "../../../plugins/prefix/save_prefix.ts";
import { openSafetensors } from "../../../plugins/safetensors/reader.ts";
import { tinyFlamingo, tinyPicture } from "../../support/tiny_model.ts";

const SHOTS = [1, 2, 3].map((seed) => ({
  image: tinyPicture(seed),
  text: `picture ${seed} and more`,
}));
/** After it, the last picture of the prefix is still seen. */
const OPEN: PromptItem<Media>[] = [
  { image: tinyPicture(4) },
  { text: "What is this" },
];
const QUERY: PromptItem<Media>[] = [{ image: tinyPicture(5) }, { text: "A?" }];

async function logitsAfter(
  model: Flamingo,
  prefix: Prefix,
  items: readonly PromptItem<Media>[],
): Promise<Float32Array> {
  const { sequence, chunk } = await model.open(items, {}, prefix);
  const logits = await model.engine.logits(sequence, chunk);
  model.engine.close(sequence);
  return logits;
}

async function withFile(
  work: (path: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(join(folder, "prefix.safetensors"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

for (const device of ["auto", "cpu"] as const) {
  for (const activations of ["f32", "f16"] as const) {
    Deno.test(`a saved prefix goes on bit for bit on ${device} in ${activations}`, () =>
      withFile(async (path) => {
        using own = await createDevice({ device });
        const engine = { activations, prefixCacheBytes: 0 };
        const items = [...shotItems(MODEL_STYLE, SHOTS), ...OPEN];
        const tails: PromptItem<Media>[][] = [[{ text: " now?" }], QUERY];
        const wanted: Float32Array[] = [];
        {
          using model = await tinyFlamingo(own, { engine });
          using prefix = await model.prefix(items);
          await savePrefix(model, prefix, path);
          for (const tail of tails) {
            wanted.push(await logitsAfter(model, prefix, tail));
          }
        }
        using model = await tinyFlamingo(own, { engine });
        // Other pages and slots than those of the saved one.
        const other = await model.prefix(QUERY);
        using prefix = await openPrefix(model, path);
        other[Symbol.dispose]();
        for (const [i, tail] of tails.entries()) {
          assert.deepEqual(await logitsAfter(model, prefix, tail), wanted[i]);
        }
      }));
  }
}

const MODEL_STYLE = {
  name: "tiny",
  caption: { template: "{text}" },
  answer: { template: "{question}{answer}" },
};

Deno.test("a file holds the pictures that are still seen, and equal prefixes are equal files", () =>
  withFile(async (path) => {
    using device = await createDevice({ device: "cpu" });
    using model = await tinyFlamingo(device);
    const items = [...shotItems(MODEL_STYLE, SHOTS), ...OPEN];
    using prefix = await model.prefix(items);
    await savePrefix(model, prefix, path);
    const first = await Deno.readFile(path);
    using again = await model.prefix(items);
    await savePrefix(model, again, path);
    assert.deepEqual(await Deno.readFile(path), first);
    using file = await openSafetensors(path);
    const { length } = prefix.sequence.past;
    assert.deepEqual(file.tensors.get("tokens")!.shape, [length]);
    const pages = file.tensors.get("kv0")!.shape[0];
    assert.equal(pages, Math.ceil(length / 16));
    assert.equal(file.tensors.get("media0")!.shape[0], 1);
  }));

Deno.test("captions and labels after a saved prefix are those after its shots", () =>
  withFile(async (path) => {
    using device = await createDevice({ device: "cpu" });
    using model = await tinyFlamingo(device);
    using read = await model.prefix(shotItems(model.style, SHOTS));
    await savePrefix(model, read, path);
    using prefix = await openPrefix(model, path);
    const query = { image: tinyPicture(9) };
    const settings = { maxTokens: 6 };
    const wanted = await describe(model, query, { ...settings, shots: SHOTS });
    const got = await describe(model, query, { ...settings, prefix });
    assert.equal(got.text, wanted.text);
    const labels = ["fox", "owl"];
    const ranked = await classify(model, query, labels, { shots: SHOTS });
    const after = await classify(model, query, labels, { prefix });
    assert.equal(after.label, ranked.label);
    for (const label of labels) {
      const difference = after.scores[label]! - ranked.scores[label]!;
      assert.ok(Math.abs(difference) <= 1e-3);
    }
  }));

Deno.test("files of other models, types or contents are refused with both sides", () =>
  withFile(async (path) => {
    using device = await createDevice({ device: "cpu" });
    using model = await tinyFlamingo(device);
    using prefix = await model.prefix(QUERY);
    await savePrefix(model, prefix, path);
    const held = device.memory.heldBytes;
    const refused = (other: Flamingo, pattern: RegExp) =>
      assert.rejects(openPrefix(other, path), (error: RookeryError) => {
        assert.equal(error.code, "file");
        assert.match(error.message, pattern);
        return true;
      });
    {
      using other = await tinyFlamingo(device, { seed: 2 });
      await refused(other, /another model's hash: the file has \w{64}, this/);
    }
    {
      using other = await tinyFlamingo(device, { dtype: "q8_0" });
      await refused(other, /weights' layouts: .* f32 \w+, this model .*q8_0/);
    }
    {
      const engine = { activations: "f16" as const };
      using other = await tinyFlamingo(device, { engine });
      await refused(other, /keys and values: the file has f32, this model f16/);
    }
    assert.equal(device.memory.heldBytes, held);
    const bytes = await Deno.readFile(path);
    for (const length of [0, 5, 300, bytes.length - 1]) {
      await Deno.writeFile(path, bytes.slice(0, length));
      await refused(model, /Cannot read/);
    }
    const text = new TextDecoder("latin1").decode(bytes);
    const at = text.indexOf('\\"schema\\":1');
    const changed = bytes.slice();
    changed[at + 11] = 50;
    await Deno.writeFile(path, changed);
    await refused(model, /version of the format: the file has 2, this model 1/);
    const spoilt = bytes.slice();
    spoilt[bytes.length - 3]! ^= 1;
    await Deno.writeFile(path, spoilt);
    await refused(model, /SHA-256 \w{64} where it says \w{64}/);
    await Deno.writeFile(path, bytes);
    using fine = await openPrefix(model, path);
    assert.deepEqual(fine.sequence.past, prefix.sequence.past);
  }));

Deno.test("what drew tokens, or has none, cannot be saved", async () => {
  using device = await createDevice({ device: "cpu" });
  using model = await tinyFlamingo(device);
  const { engine } = model;
  const sequence = engine.open();
  const usage = (error: RookeryError) => error.code === "usage";
  await assert.rejects(engine.snapshot(sequence), usage);
  const chunk = { tokens: [5, 6], media: [0, 0] };
  await engine.step([{ sequence, chunk, draws: 1 }]);
  await assert.rejects(engine.snapshot(sequence), usage);
});
