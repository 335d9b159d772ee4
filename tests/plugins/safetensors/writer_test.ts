import assert from "node:assert/strict";
import { join } from "node:path";
import { readSafetensors } from "../../../plugins/safetensors/arrays.ts";
import { openSafetensors } from "../../../plugins/safetensors/reader.ts";
import {
  type TensorToWrite,
  writeSafetensors,
} from "../../../plugins/safetensors/writer.ts";
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

function f32(name: string, values: number[]): TensorToWrite {
  const data = new Uint8Array(Float32Array.from(values).buffer);
  return { name, shape: [values.length], format: "f32", data };
}

Deno.test("writeSafetensors() copies a file of every dtype", async () => {
  await inFolder(async (folder) => {
    using golden = await openSafetensors(goldenPath("all.safetensors"));
    const tensors = await Promise.all(
      golden.tensors.values().map(async (tensor) => ({
        ...tensor,
        data: await tensor.read(0, tensor.sizeBytes),
      })),
    );
    const path = join(folder, "copy.safetensors");
    await writeSafetensors(path, tensors.reverse(), { note: "naïve" });
    using copy = await openSafetensors(path);
    assert.deepEqual(copy.metadata, { note: "naïve" });
    assert.equal(copy.tensors.size, golden.tensors.size);
    for (const { name, shape, format, data } of tensors) {
      const tensor = copy.tensors.get(name)!;
      assert.deepEqual([tensor.shape, tensor.format], [shape, format]);
      assert.deepEqual(await tensor.read(0, tensor.sizeBytes), data);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].length, 1);
  });
});

Deno.test("writeSafetensors() takes data in pieces", async () => {
  async function* pieces() {
    await Promise.resolve();
    yield new Uint8Array([1, 2]);
    yield new Uint8Array([3]);
  }
  await inFolder(async (folder) => {
    const path = join(folder, "pieces.safetensors");
    const bytes = { name: "b", shape: [3], format: "u8" } as const;
    await writeSafetensors(path, [{ ...bytes, data: pieces() }, f32("a", [5])]);
    const arrays = await readSafetensors(path);
    assert.deepEqual(arrays.get("b")!.values, Uint8Array.of(1, 2, 3));
    assert.deepEqual(arrays.get("a")!.values, Float32Array.of(5));
  });
});

Deno.test("writeSafetensors() leaves an old file alone when it fails", async () => {
  await inFolder(async (folder) => {
    const path = join(folder, "out.safetensors");
    await Deno.writeTextFile(path, "old");
    const cases: readonly (readonly [TensorToWrite[], RegExp])[] = [
      [[{ ...f32("a", [1, 2]), shape: [3] }], /"a".*12 bytes are needed, 8/],
      [[{ ...f32("a", [1, 2]), shape: [1] }], /"a".*4 bytes are needed, 8/],
      [[f32("a", [1]), f32("a", [2])], /"a" is taken/],
      [
        [{ ...f32("a", [1]), shape: [32], format: "q4_1" }],
        /"a".*20 bytes are needed, 4/,
      ],
    ];
    for (const [tensors, message] of cases) {
      await assert.rejects(writeSafetensors(path, tensors), message);
    }
    assert.deepEqual([...Deno.readDirSync(folder)].map((e) => e.name), [
      "out.safetensors",
    ]);
    assert.equal(await Deno.readTextFile(path), "old");
  });
});
