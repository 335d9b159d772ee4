import assert from "node:assert/strict";
import { join } from "node:path";
import { BLOCKS_KEY } from "../../../plugins/safetensors/blocks.ts";
import { openSafetensors } from "../../../plugins/safetensors/reader.ts";
import { writeSafetensors } from "../../../plugins/safetensors/writer.ts";

const BYTES = Uint8Array.from({ length: 3 * 2 * 34 }, (_, i) => i);

async function inFile(test: (path: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await test(join(folder, "blocks.safetensors"));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openSafetensors() gives quantised tensors back as they were written", async () => {
  await inFile(async (path) => {
    await writeSafetensors(path, [
      { name: "odd", shape: [3, 40], format: "q8_0", data: BYTES },
      { name: "even", shape: [3, 64], format: "q8_0", data: BYTES },
      { name: "one", shape: [1], format: "f32", data: new Uint8Array(4) },
    ], { note: "x" });
    using file = await openSafetensors(path);
    assert.deepEqual(file.metadata, { note: "x" });
    for (
      const [name, shape] of [["odd", [3, 40]], ["even", [3, 64]]] as const
    ) {
      const tensor = file.tensors.get(name)!;
      assert.deepEqual([tensor.shape, tensor.format], [shape, "q8_0"]);
      assert.equal(tensor.sizeBytes, BYTES.length);
      assert.deepEqual(await tensor.read(0, BYTES.length), BYTES);
      await assert.rejects(tensor.read(0, BYTES.length + 1), /204/);
    }
    assert.equal(file.tensors.get("one")!.format, "f32");
  });
});

/** A file of one U8 tensor [3, 68] whose metadata are the given ones. */
async function refusal(blocks: unknown, shape = [3, 68]): Promise<string> {
  let message = "it was read";
  await inFile(async (path) => {
    const key = BLOCKS_KEY.replace(".", "_");
    const text = typeof blocks === "string" ? blocks : JSON.stringify(blocks);
    await writeSafetensors(
      path,
      [{ name: "w", shape, format: "u8", data: BYTES }],
      { [key]: text },
    );
    const bytes = await Deno.readFile(path);
    const at = new TextDecoder("latin1").decode(bytes).indexOf(key);
    bytes[at + key.indexOf("_")] = ".".charCodeAt(0);
    await Deno.writeFile(path, bytes);
    try {
      using _ = await openSafetensors(path);
    } catch (error) {
      message = (error as Error).message;
      assert.equal((error as { code?: string }).code, "file");
    }
  });
  return message;
}

Deno.test("openSafetensors() refuses blocks that break a rule", async () => {
  const good = { format: "q8_0", shape: [3, 64] };
  assert.equal(await refusal({ w: good }), "it was read");
  assert.match(await refusal("{"), /rookery\.blocks .* is no JSON/);
  assert.match(await refusal([]), /is not a JSON object/);
  assert.match(
    await refusal({ v: good }),
    /names "v": there is no such tensor/,
  );
  assert.match(
    await refusal({ w: { ...good, format: "q9" } }),
    /the format "q9": known are q8_0, q4_0/,
  );
  assert.match(
    await refusal({ w: { ...good, more: 1 } }),
    /a format and a shape/,
  );
  assert.match(await refusal({ w: { ...good, shape: [] } }), /a format and a/);
  assert.match(await refusal({ w: { ...good, shape: [-3, 64] } }), /a format/);
  assert.match(
    await refusal({ w: { ...good, shape: [3, 65] } }),
    /it must be u8 of shape \[3,102\]: it is u8 of shape \[3,68\]/,
  );
  assert.match(await refusal({ w: { ...good, shape: [6, 32] } }), /\[6,34\]/);
  assert.match(
    await refusal({ w: { ...good, shape: [3, 2 ** 53 - 1] } }),
    /it must be u8 of shape/,
  );
});

Deno.test("writeSafetensors() refuses metadata of its own key", async () => {
  await inFile((path) =>
    assert.rejects(
      writeSafetensors(path, [], { [BLOCKS_KEY]: "{}" }),
      /leave it out/,
    )
  );
});
