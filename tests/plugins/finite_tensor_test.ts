import assert from "node:assert/strict";
import { createDevice } from "../../core/create_device.ts";
import { inMemory } from "../../core/evaluate_on.ts";
import { packF16 } from "../../core/float16.ts";
import type { StoredTensor } from "../../core/stored_tensor.ts";
import { finiteTensor } from "../../plugins/finite_tensor.ts";
import { loadWeights } from "../../plugins/load_weights.ts";
import { rookery } from "../cli/recorded_output.ts";
import { tinyFolder } from "../cli/tiny_folder.ts";

/** A matrix with one odd value. */
function spoilt(value: number, at: number): StoredTensor {
  const values = Float32Array.from({ length: 64 * 96 }, (_, i) => i / 999);
  values[at] = value;
  return inMemory("w", [64, 96], values);
}

function asFormat(
  stored: StoredTensor,
  format: StoredTensor["format"],
  bytes: Uint8Array<ArrayBuffer>,
): StoredTensor {
  return {
    ...stored,
    format,
    sizeBytes: bytes.length,
    read: (start, end) => Promise.resolve(bytes.slice(start, end)),
  };
}

Deno.test("finiteTensor() reads what is stored, and refuses NaN and infinity by place", async () => {
  const good = spoilt(3, 0);
  const bytes = await finiteTensor(good).read(768, 1536);
  assert.deepEqual(bytes, await good.read(768, 1536));
  for (const bad of [NaN, Infinity, -Infinity]) {
    const tensor = finiteTensor(spoilt(bad, 5 * 96 + 7));
    await tensor.read(0, 5 * 96 * 4);
    await assert.rejects(tensor.read(5 * 96 * 4, 7 * 96 * 4), {
      code: "numeric",
      message: new RegExp(`tensor w .* \\[5, 7\\] of \\[64, 96\\] is ${bad}:`),
    });
  }
});

Deno.test("finiteTensor() knows where values of other formats lie", async () => {
  const halves = new Float32Array(64 * 96);
  halves[63 * 96 + 95] = NaN;
  const words = packF16(halves);
  const f16 = asFormat(
    spoilt(0, 0),
    "f16",
    new Uint8Array(words.buffer, 0, 64 * 96 * 2),
  );
  await assert.rejects(finiteTensor(f16).read(62 * 192, 64 * 192), {
    message: /at \[63, 95\] of/,
  });
  // Blocks of 32 int8 and a scale as f16: the second block of row 2 has NaN.
  const blocks = new Uint8Array(64 * 3 * 34);
  blocks.set([0x00, 0x7e], (2 * 3 + 1) * 34);
  const q8 = asFormat(spoilt(0, 0), "q8_0", blocks);
  await assert.rejects(finiteTensor(q8).read(2 * 102, 3 * 102), {
    message: /at \[2, 32\] of/,
  });
});

for (const name of ["auto", "cpu"] as const) {
  Deno.test(`loadWeights() looks for NaN only where asked, on ${name}`, async () => {
    using device = await createDevice({ device: name });
    const stored = spoilt(NaN, 6000);
    const { shape } = stored;
    for (const isPacked of [true, false]) {
      const need = { name: "language/w", shape, isPacked };
      const load = (options: { checkWeights?: boolean }) =>
        loadWeights(device, [{ need, stored }], { dtype: "f16", ...options });
      await assert.rejects(load({ checkWeights: true }), {
        code: "numeric",
        message: /\[62, 48\]/,
      });
      assert.equal(device.memory.heldBytes, 0);
      for (const weight of (await load({})).values()) {
        weight[Symbol.dispose]();
      }
    }
  });
}

Deno.test("--check-weights names the tensor; without it the text is an error", async () => {
  await using tiny = await tinyFolder();
  const file = tiny.path("llama/model.safetensors");
  const bytes = await Deno.readFile(file);
  const nan = new Uint8Array(Float32Array.of(NaN).buffer);
  const spoil = async () => {
    bytes.set(nan, bytes.length - 4);
    await Deno.writeFile(file, bytes);
  };
  const words = ["generate", "--text", "abc", "--max-tokens", "3"];
  const checked = [...words, "--check-weights", ...tiny.model];
  const good = await rookery(...checked);
  assert.equal(good.code, 0, good.notes);
  await spoil();
  const found = await rookery(...checked);
  assert.equal(found.code, 1);
  assert.match(
    found.notes,
    /tensor lm_head.weight as its value at \[95, 47\] of \[96, 48\] is NaN/,
  );
  const late = await rookery(...words, ...tiny.model);
  assert.equal(late.code, 1);
  assert.match(late.notes, /draw token 1 of a sequence .* NaN or infinity/);
  assert.equal(late.out, "");
  // Each picture has an error of its own.
  const images = [tiny.path("0.png"), tiny.path("1.png")];
  const each = await rookery("caption", ...images, ...tiny.model);
  assert.equal(each.code, 1);
  for (const image of images) {
    assert.ok(each.notes.includes(`${image}: Cannot draw token 1`));
  }
  assert.match(each.notes, /2 of 2 pictures failed/);
});
