import assert from "node:assert/strict";
import { join } from "node:path";
import { decodeToF32 } from "../../../core/decode_stored.ts";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { storedMetadata } from "../../../plugins/gguf/stored_metadata.ts";
import { writeGguf } from "../../../plugins/gguf/writer.ts";
import {
  ggufBool,
  ggufF32,
  ggufF32s,
  ggufI32s,
  ggufText,
  ggufTexts,
  ggufU32,
} from "../../../plugins/gguf_value.ts";
import type { TensorToWrite } from "../../../plugins/tensor_to_write.ts";
import { goldenPath } from "../golden_checkpoint.ts";

async function inFolder(
  test: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("writeGguf() copies files that Python wrote, metadata to the byte", async () => {
  await inFolder(async (folder) => {
    for (const name of ["all.gguf", "k_quants.gguf"]) {
      using golden = await openGguf(goldenPath(name));
      const metadata = await storedMetadata(goldenPath(name));
      const tensors: TensorToWrite[] = await Promise.all(
        golden.tensors.values().map(async (tensor) => ({
          ...tensor,
          data: await tensor.read(0, tensor.sizeBytes),
        })),
      );
      const path = join(folder, name);
      await writeGguf(path, tensors, metadata);
      using copy = await openGguf(path);
      const { "general.alignment": _, ...kept } = golden.metadata;
      assert.deepEqual(copy.metadata, kept);
      assert.deepEqual([...copy.tensors.keys()], [...golden.tensors.keys()]);
      for (const { name, shape, format, data } of tensors) {
        const tensor = copy.tensors.get(name)!;
        assert.deepEqual([tensor.shape, tensor.format], [shape, format]);
        assert.deepEqual(await tensor.read(0, tensor.sizeBytes), data);
      }
    }
  });
});

Deno.test("writeGguf() writes values of every kind", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "values.gguf");
    const values = new Map([
      ["a.u32", ggufU32(4294967295)],
      ["a.f32", ggufF32(0.1)],
      ["a.bool", ggufBool(true)],
      ["a.text", ggufText("naïve ▁")],
      ["a.texts", ggufTexts(["", "b", "日本"])],
      ["a.i32s", ggufI32s(Int32Array.of(-1, 2))],
      ["a.f32s", ggufF32s(Float32Array.of(0.5, -2))],
    ]);
    await writeGguf(path, [], values);
    using file = await openGguf(path);
    assert.deepEqual(file.metadata, {
      "a.u32": 4294967295,
      "a.f32": Math.fround(0.1),
      "a.bool": true,
      "a.text": "naïve ▁",
      "a.texts": ["", "b", "日本"],
      "a.i32s": Int32Array.of(-1, 2),
      "a.f32s": Float32Array.of(0.5, -2),
    });
    assert.equal(file.tensors.size, 0);
    for (const wrong of [-1, 1.5, 2 ** 32]) {
      assert.throws(() => ggufU32(wrong), /whole number from 0 to 4294967295/);
    }
  });
});

Deno.test("writeGguf() leaves an old file alone when it fails", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "out.gguf");
    await Deno.writeTextFile(path, "old");
    const one: TensorToWrite = {
      name: "a",
      shape: [1],
      format: "f32",
      data: new Uint8Array(4),
    };
    const cases: readonly (readonly [TensorToWrite[], RegExp])[] = [
      [[one, one], /"a" is taken/],
      [[{ ...one, shape: [2] }], /8 bytes are needed, 4/],
      [[{ ...one, shape: [1, 1, 1, 1, 1] }], /5 axes: at most 4/],
      [[{ ...one, shape: [4], format: "bool" }], /the format bool: GGUF/],
      [[{ ...one, shape: [40], format: "q8_0" }], /a multiple of 32/],
    ];
    for (const [tensors, message] of cases) {
      await assert.rejects(writeGguf(path, tensors, new Map()), message);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].length, 1);
    assert.equal(await Deno.readTextFile(path), "old");
  });
});

Deno.test("writeGguf() starts tensors where the format wants them", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "out.gguf");
    const tensors = [5, 9, 2].map((length, i): TensorToWrite => ({
      name: `t${i}`,
      shape: [length],
      format: "f32",
      data: new Uint8Array(new Float32Array(length).fill(i + 1).buffer),
    }));
    await writeGguf(path, tensors, new Map());
    using file = await openGguf(path);
    for (const [i, { name, shape }] of tensors.entries()) {
      const tensor = file.tensors.get(name)!;
      const values = decodeToF32("f32", await tensor.read(0, tensor.sizeBytes));
      assert.deepEqual(values, new Float32Array(shape[0]!).fill(i + 1));
    }
    assert.equal((await Deno.stat(path)).size % 32, 0);
  });
});
