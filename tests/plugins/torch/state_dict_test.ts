/** Checkpoints of training scripts: which tensors, under which names. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { openTorch } from "../../../plugins/torch/reader.ts";
import { stateDict } from "../../../plugins/torch/state_dict.ts";
import { TorchTensor } from "../../../plugins/torch/torch_values.ts";
import { openCheckpoint } from "../../support/open_checkpoint.ts";
import { checkGolden, goldenPath } from "../golden_checkpoint.ts";

const GOLDEN = [
  "training_model_state_dict.pt",
  "training_state_dict.pt",
  "training_model.pt",
  "training_average.pt",
  "training_two.pt",
  "training_list.pt",
  "long_legacy.pth",
  "long_cuda_legacy.pth",
];

for (const file of GOLDEN) {
  Deno.test(`openTorch() reads ${file} as Python wrote it`, async () => {
    using checkpoint = await openTorch(goldenPath(file));
    await checkGolden(checkpoint, file);
  });
}

Deno.test("openTorch() keeps plain values of training as metadata", async () => {
  const file = "training_model_state_dict.pt";
  using checkpoint = await openTorch(goldenPath(file));
  assert.deepEqual(checkpoint.metadata, { epoch: 3 });
});

Deno.test("openTorch() refuses dicts without tensors of a model", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["training_none.pt", /no tensors \(keys: "optimizer", "epoch"\), but for/],
    ["training_clash.pt", /the tensor "w" is in its model and beside it/],
    ["training_cyclic.pt", /nest deeper than 32/],
  ];
  for (const [file, message] of cases) {
    await assert.rejects(openTorch(goldenPath(file)), message);
  }
});

Deno.test("openCheckpoint() opens torch shards by their index", async () => {
  const index = "pytorch_model.bin.index.json";
  for (const path of ["sharded_bin", join("sharded_bin", index)]) {
    using checkpoint = await openCheckpoint(goldenPath(path));
    await checkGolden(checkpoint, "sharded_bin");
    assert.deepEqual(checkpoint.metadata, { total_size: 44 });
  }
});

function tensor(): TorchTensor {
  const storage = { key: "0", format: "f32", elements: 1, offset: 0 };
  return new TorchTensor([storage, 0, [1], [1]]);
}

/** A dict, of dicts where values are objects. */
function dict(value: Readonly<Record<string, unknown>>): Map<string, unknown> {
  return new Map(
    Object.entries(value).map(([key, inner]) => [
      key,
      inner?.constructor === Object
        ? dict(inner as Readonly<Record<string, unknown>>)
        : inner,
    ]),
  );
}

Deno.test("stateDict() leaves out optimizers and schedulers only", () => {
  const w = tensor();
  const cases: readonly (readonly [Record<string, unknown>, string[]])[] = [
    [{ a: w, b: { c: w } }, ["a", "b.c"]],
    [{ model: { w }, optimizer: { w }, optim: { w }, lr_scheduler: { w } }, [
      "w",
    ]],
    [{ model: { w }, optimizer_states: [w], lr_schedulers: [w] }, ["w"]],
    [{ model: { w }, optimizer_0: { w }, optimizer2: { w } }, ["w"]],
    // Others stay, as do tensors with such names of their own.
    [{ model: { w }, optimized_model: { w } }, ["w", "optimized_model.w"]],
    [{ model: { w }, scheduler: w }, ["w", "scheduler"]],
    [{ model: { w: { v: w } }, ema: { w } }, ["w.v", "ema.w"]],
    [{ model: { epoch: 3 }, state_dict: { w } }, ["w"]],
    [{ model: 3, w }, ["w"]],
  ];
  for (const [value, names] of cases) {
    const found = stateDict("x.pt", dict(value), 1000);
    assert.deepEqual([...found.tensors.keys()], names, JSON.stringify(names));
  }
});

Deno.test("stateDict() refuses names that are none", () => {
  const keyed = new Map([[null, tensor()]]);
  assert.throws(
    () => stateDict("x.pt", keyed, 1000),
    /x.pt .*a key on the way to a tensor is null/,
  );
  const numbered = new Map<unknown, unknown>([[1, tensor()], ["1", tensor()]]);
  assert.throws(
    () => stateDict("x.pt", numbered, 1000),
    /the tensor "1" is there twice/,
  );
  assert.throws(
    () => stateDict("x.pt", dict({ a: [1, 2, 3, 4] }), 3),
    /name each other more than 3 times/,
  );
});
