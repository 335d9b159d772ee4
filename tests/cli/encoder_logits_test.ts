import assert from "node:assert/strict";
import { join } from "node:path";
import { type TensorToWrite, writeSafetensors } from "../../mod.ts";
import { readSafetensors } from "../../plugins/safetensors/arrays.ts";
import { largestDifference } from "../models/compare.ts";
import { rookery } from "./recorded_output.ts";

const MODELS = new URL("../golden/models/", import.meta.url).pathname;

/** A golden case, and under which names `logits` takes and gives its tensors. */
interface Case {
  readonly folder: string;
  readonly file: string;
  readonly inputs: Readonly<Record<string, string>>;
  readonly outputs: Readonly<Record<string, string>>;
}

const CASES: readonly Case[] = [
  {
    folder: "clip_vit_quick",
    file: "case.safetensors",
    inputs: { pixels: "pixel_values" },
    outputs: { last_hidden_state: "last_hidden_state" },
  },
  {
    folder: "dinov2_gelu",
    file: "golden_28.safetensors",
    inputs: { pixels: "pixel_values" },
    outputs: { normed: "last_hidden_state" },
  },
  {
    folder: "clip_end",
    file: "case.safetensors",
    inputs: {
      pixels: "pixel_values",
      input_ids: "input_ids",
      attention_mask: "attention_mask",
    },
    outputs: {
      image_embeds: "image_embeds",
      text_embeds: "text_embeds",
      logits_per_image: "logits_per_image",
    },
  },
];

async function renamedInputs(
  { folder, file, inputs }: Case,
  path: string,
): Promise<void> {
  const golden = await readSafetensors(join(MODELS, folder, file));
  const tensors = Object.entries(inputs).map(([from, name]): TensorToWrite => {
    const { shape, format, values } = golden.get(from)!;
    const { buffer, byteOffset, byteLength } = values;
    const data = new Uint8Array(buffer, byteOffset, byteLength);
    return { name, shape, format, data };
  });
  await writeSafetensors(path, tensors);
}

for (const device of ["auto", "cpu"]) {
  for (const each of CASES) {
    Deno.test(`logits of ${each.folder} equal PyTorch's on ${device}`, async () => {
      const folder = await Deno.makeTempDir();
      const inputs = join(folder, "in.safetensors");
      const out = join(folder, "out.safetensors");
      await renamedInputs(each, inputs);
      const model = join(MODELS, each.folder);
      const words = ["--model", model, "--inputs", inputs, "--out", out];
      const ran = await rookery("logits", ...words, "--device", device);
      assert.equal(ran.code, 0, ran.notes);
      const found = await readSafetensors(out);
      const golden = await readSafetensors(join(model, each.file));
      assert.equal(found.size, Object.keys(each.outputs).length);
      for (const [from, name] of Object.entries(each.outputs)) {
        const wanted = golden.get(from)!, own = found.get(name)!;
        assert.deepEqual(own.shape, wanted.shape);
        const difference = largestDifference(
          own.values as Float32Array,
          wanted.values as Float32Array,
        );
        assert.ok(difference <= 1e-3, `${name} is off by ${difference}`);
      }
      await Deno.remove(folder, { recursive: true });
    });
  }
}

Deno.test("logits of an encoder refuse what it has no use for", async () => {
  const folder = await Deno.makeTempDir();
  const inputs = join(folder, "in.safetensors");
  await renamedInputs(CASES[2]!, inputs);
  const model = join(MODELS, "clip_vit_quick");
  const out = join(folder, "out.safetensors");
  const words = ["--model", model, "--inputs", inputs, "--out", out];
  const ran = await rookery("logits", ...words, "--device", "cpu");
  assert.equal(ran.code, 1);
  assert.match(ran.notes, /input_ids, attention_mask is of no use/);
  const generated = await rookery(
    ...["caption", "x.png", "--model", model, "--device", "cpu"],
  );
  assert.match(generated.notes, /Cannot generate text with .*vision model/);
  await Deno.remove(folder, { recursive: true });
});
