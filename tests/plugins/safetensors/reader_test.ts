import assert from "node:assert/strict";
import { join } from "node:path";
import { openSafetensors } from "../../../plugins/safetensors/reader.ts";
import { checkGolden, goldenPath } from "../golden_checkpoint.ts";

Deno.test("openSafetensors() reads every dtype as Python wrote it", async () => {
  using checkpoint = await openSafetensors(goldenPath("all.safetensors"));
  await checkGolden(checkpoint, "all.safetensors");
  assert.deepEqual(checkpoint.metadata, { format: "pt", note: "naïve" });
});

Deno.test("openSafetensors() reads the shards of an index", async () => {
  const file = "sharded/model.safetensors.index.json";
  using checkpoint = await openSafetensors(goldenPath(file));
  await checkGolden(checkpoint, file);
  assert.deepEqual(checkpoint.metadata, { total_size: 68 });
});

Deno.test("openSafetensors() refuses reads after it was closed", async () => {
  const checkpoint = await openSafetensors(goldenPath("all.safetensors"));
  checkpoint[Symbol.dispose]();
  checkpoint[Symbol.dispose]();
  const tensor = checkpoint.tensors.get("all.f32")!;
  await assert.rejects(tensor.read(0, 4), /all.safetensors as it was closed/);
});

Deno.test("openSafetensors() refuses reads beyond a tensor", async () => {
  using checkpoint = await openSafetensors(goldenPath("all.safetensors"));
  const tensor = checkpoint.tensors.get("all.f32")!;
  for (const [from, to] of [[0, 61], [-1, 4], [8, 4], [NaN, 4]] as const) {
    await assert.rejects(tensor.read(from, to), /"all.f32".*it has 60/);
  }
});

/** Opens a file with the given header and data; gives the error's message. */
async function refusal(
  header: unknown,
  dataBytes = 8,
  headerBytes?: bigint,
): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".safetensors" });
  const text = typeof header === "string" ? header : JSON.stringify(header);
  const json = new TextEncoder().encode(text);
  const bytes = new Uint8Array(8 + json.length + dataBytes);
  const view = new DataView(bytes.buffer);
  view.setBigUint64(0, headerBytes ?? BigInt(json.length), true);
  bytes.set(json, 8);
  await Deno.writeFile(path, bytes);
  try {
    using _ = await openSafetensors(path);
    return "";
  } catch (error) {
    assert.ok(error instanceof Error && error.message.includes(path));
    return error.message;
  } finally {
    await Deno.remove(path);
  }
}

function entry(shape: number[], offsets: unknown, dtype = "F32"): unknown {
  return { dtype, shape, data_offsets: offsets };
}

Deno.test("openSafetensors() accepts the file that the refused ones vary", async () => {
  assert.equal(await refusal({ a: entry([2], [0, 8]) }), "");
  assert.equal(
    await refusal({ a: entry([1], [0, 4]), b: entry([1], [4, 8]) }),
    "",
  );
});

Deno.test("openSafetensors() refuses headers that break a rule", async () => {
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [{ a: entry([2], [0, 8], "F8_E4M3") }, /"a" is "F8_E4M3": supported are/],
    [{ a: entry([3], [0, 8]) }, /"a".*takes 12 bytes.*span 8/],
    [{ a: entry([-2], [0, 8]) }, /"a".*integers from 0 on/],
    [{ a: entry([1.5], [0, 6]) }, /"a".*integers from 0 on/],
    [{ a: entry([2], [8, 0]) }, /"a".*span -8/],
    [{ a: entry([2], [0]) }, /"a".*two data_offsets/],
    [{ a: entry([2 ** 40, 2 ** 40], [0, 8]) }, /"a".*no size that can be/],
    [{ a: 3 }, /entry of tensor "a" is 3/],
    [
      { a: entry([1], [0, 4]), b: entry([2], [0, 8]) },
      /"b" starts at data byte 0/,
    ],
    [{ a: entry([1], [4, 8]) }, /"a" starts at data byte 4, where 0/],
    [{ a: entry([1], [0, 4]) }, /4 bytes after its last tensor/],
    [{ a: entry([4], [0, 16]) }, /cut short.*8 are missing/],
    [{ __metadata__: { a: 1 }, a: entry([2], [0, 8]) }, /__metadata__/],
    [[], /not an object/],
    ["{", /JSON is not valid/],
    [
      `{"a":{"dtype":"U8","shape":[8],"data_offsets":[0,8]},` +
      `"\\u0061":{"dtype":"U8","shape":[8],"data_offsets":[0,8]}}`,
      /names "a" twice/,
    ],
  ];
  for (const [header, message] of cases) {
    assert.match(await refusal(header), message);
  }
});

Deno.test("openSafetensors() refuses a header of 2^60 bytes", async () => {
  const header = { a: entry([2], [0, 8]) };
  assert.match(await refusal(header, 8, 2n ** 60n), /claim a header of 115292/);
});

Deno.test("openSafetensors() says how much of a cut file is missing", async () => {
  const path = await Deno.makeTempFile();
  const whole = await Deno.readFile(goldenPath("all.safetensors"));
  await Deno.writeFile(path, whole.subarray(0, whole.length - 7));
  await assert.rejects(openSafetensors(path), /cut short.* 7 are missing/);
  await Deno.remove(path);
});

/** Opens the golden shards with another index; gives the error's message. */
async function indexRefusal(map: unknown): Promise<string> {
  const folder = await Deno.makeTempDir();
  const golden = goldenPath("sharded");
  for (const file of Deno.readDirSync(golden)) {
    await Deno.copyFile(join(golden, file.name), join(folder, file.name));
  }
  const path = join(folder, "model.safetensors.index.json");
  await Deno.writeTextFile(path, JSON.stringify({ weight_map: map }));
  try {
    using _ = await openSafetensors(path);
    return "";
  } catch (error) {
    assert.ok(error instanceof Error && error.message.includes(folder));
    return error.message;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openSafetensors() refuses an index that its shards do not fit", async () => {
  const one = "model-00001-of-00002.safetensors";
  const both = { "a.bias": one, "a.weight": one };
  assert.equal(await indexRefusal(both), "");
  const cases: readonly (readonly [unknown, RegExp])[] = [
    [undefined, /no "weight_map"/],
    [{ ...both, "c": one }, /lacks its tensor "c"/],
    [{ "a.bias": one }, /tensor "a.weight" is not assigned/],
    [{ ...both, "c": "gone.safetensors" }, /gone.safetensors.*no such file/],
    [{ ...both, "c": "../out.safetensors" }, /must be a file beside/],
    [{ ...both, "c": ".." }, /must be a file beside/],
  ];
  for (const [map, message] of cases) {
    assert.match(await indexRefusal(map), message);
  }
});
