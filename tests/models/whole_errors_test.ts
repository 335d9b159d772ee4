import assert from "node:assert/strict";
import { join } from "node:path";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { openWith } from "../../plugins/checkpoint_reader.ts";
import {
  type TensorToWrite,
  writeSafetensors,
} from "../../plugins/safetensors/writer.ts";
import { rookery } from "../cli/recorded_output.ts";
import { goldenPath } from "./flamingo_rows.ts";

/** A folder that is removed at the end. */
async function tempFolder(): Promise<{ path: string } & AsyncDisposable> {
  const path = await Deno.makeTempDir();
  return {
    path,
    [Symbol.asyncDispose]: () => Deno.remove(path, { recursive: true }),
  };
}

/** The tensors of a checkpoint, some changed, in a file of their own. */
async function rewrite(
  from: string,
  to: string,
  change: (tensor: TensorToWrite) => readonly TensorToWrite[],
): Promise<void> {
  const readers = await new Catalog(builtinPlugins()).readers();
  using checkpoint = await openWith(readers, from);
  const tensors: TensorToWrite[] = [];
  for (const [name, { shape, format, sizeBytes, read }] of checkpoint.tensors) {
    if (format !== "f32") continue;
    const data = await read(0, sizeBytes);
    tensors.push(...change({ name, shape, format, data }));
  }
  await writeSafetensors(to, tensors);
}

/** Four faults: a misspelt name, another shape, a lost and a needless tensor. */
function spoil(
  names: Readonly<Record<"misspelt" | "reshaped" | "lost", string>>,
): (tensor: TensorToWrite) => TensorToWrite[] {
  return (tensor) => {
    const { name, shape } = tensor;
    if (name === names.lost) return [];
    if (name === names.misspelt) {
      return [{ ...tensor, name: `${name}x` }];
    }
    if (name === names.reshaped) {
      return [{ ...tensor, shape: [shape.reduce((a, b) => a * b, 1)] }];
    }
    return [tensor];
  };
}

/** What `logits` says of a model that cannot be assembled. */
async function complaint(model: string, inputs: string): Promise<string> {
  const { code, notes } = await rookery(
    "logits",
    ...["--model", model, "--inputs", goldenPath(inputs)],
    ...["--out", "/dev/null", "--device", "cpu"],
  );
  assert.equal(code, 1, notes);
  return notes;
}

Deno.test("a spoilt OpenFlamingo checkpoint is refused with all of its faults", async () => {
  await using folder = await tempFolder();
  const from = goldenPath("open_flamingo");
  const bridge = join(folder.path, "checkpoint.safetensors");
  const blocks = "lang_encoder.transformer.blocks.1.gated_cross_attn_layer";
  await rewrite(join(from, "mpt.pt"), bridge, (tensor) =>
    spoil({
      misspelt: `${blocks}.attn_gate`,
      reshaped: "perceiver.layers.0.0.to_q.weight",
      lost: `${blocks}.ff.1.weight`,
    })(
      tensor.name === "perceiver.latents"
        ? { ...tensor, name: "percever.latents" }
        : tensor,
    ));
  const json = JSON.parse(await Deno.readTextFile(join(from, "mpt.json")));
  json.vision.weights = join(from, "clip.pt");
  json.language.weights = join(from, "mpt");
  json.bridge.weights = bridge;
  const config = join(folder.path, "mpt.json");
  await Deno.writeTextFile(config, JSON.stringify(json));
  const notes = await complaint(config, "open_flamingo/inputs.safetensors");
  for (
    const fault of [
      "there are 6 misfits",
      'tensor 1.attn_gate [1] is missing (did you mean "1.attn_gatex"?)',
      "tensor 1.ff.1.weight [96, 24] is missing",
      "tensor 1.attn_gatex [1] is left over",
      "tensor layers.0.0.to_q.weight is [216]: the model needs [18, 12]",
      'tensor latents [5, 12] is missing (did you mean "percever.latents"?)',
      "tensor percever.latents is for no part of the model",
    ]
  ) assert.ok(notes.includes(fault), `${fault} in ${notes}`);
});

Deno.test("a spoilt IDEFICS folder is refused with all of its faults", async () => {
  await using folder = await tempFolder();
  const from = goldenPath("idefics_base");
  await rewrite(
    join(from, "model.safetensors"),
    join(folder.path, "model.safetensors"),
    spoil({
      misspelt: "model.norm.weight",
      reshaped: "model.gated_cross_attn_layers.0.alpha_dense",
      lost: "model.vision_model.pre_layrnorm.bias",
    }),
  );
  const config = join(folder.path, "config.json");
  await Deno.copyFile(join(from, "config.json"), config);
  const whole = await complaint(folder.path, "idefics_base/inputs.safetensors");
  for (
    const fault of [
      'tensor model.norm.weight [24] is missing (did you mean "model.norm.weightx"?)',
      "tensor model.norm.weightx [24] is left over",
      "tensor pre_layrnorm.bias [12] is missing",
    ]
  ) assert.ok(whole.includes(fault), `${fault} in ${whole}`);
  const json = JSON.parse(await Deno.readTextFile(config));
  const vector = { ...json, alpha_type: "vector" };
  await Deno.writeTextFile(config, JSON.stringify(vector));
  const gates = await complaint(folder.path, "idefics_base/inputs.safetensors");
  for (const block of [0, 1]) {
    const fault =
      `tensor ${block}.alpha_dense is [1]: the model needs [1, 1, 24]`;
    assert.ok(gates.includes(fault), `${fault} in ${gates}`);
  }
});

Deno.test("a spoilt flamingo-mini folder is refused with all of its faults", async () => {
  await using folder = await tempFolder();
  const from = goldenPath("flamingo_mini_gpt2");
  await rewrite(
    join(from, "pytorch_model.bin"),
    join(folder.path, "model.safetensors"),
    spoil({
      misspelt: "flamingo.resampler.time_pos_emb",
      reshaped: "flamingo.lm.h.0.lm_block.attn.c_attn.weight",
      lost: "flamingo.lm.h.2.xattn_block.alpha_ffw",
    }),
  );
  for (const file of ["", "gpt2-tiny", "openai/clip-tiny"]) {
    await Deno.mkdir(join(folder.path, file), { recursive: true });
    const name = join(file, "config.json");
    await Deno.copyFile(join(from, name), join(folder.path, name));
  }
  const notes = await complaint(
    folder.path,
    "flamingo_mini_gpt2/inputs.safetensors",
  );
  for (
    const fault of [
      'tensor time_pos_emb [3, 1, 12] is missing (did you mean "time_pos_embx"?)',
      "tensor transformer.h.0.attn.c_attn.weight is [1728]: the model needs [72, 24]",
      "tensor 2.alpha_ffw [1] is missing",
    ]
  ) assert.ok(notes.includes(fault), `${fault} in ${notes}`);
});

Deno.test("text is refused where a folder has no tokenizer, ids are not", async () => {
  for (const model of ["idefics_early", "open_flamingo/mpt.json"]) {
    const { code, notes } = await rookery(
      "generate",
      ...["--model", goldenPath(model), "--text", "a dog", "--device", "cpu"],
    );
    assert.notEqual(code, 0);
    assert.match(notes, /Cannot use text with this model, only token ids/);
    assert.match(notes, /no tokenizer/);
  }
});
