import assert from "node:assert/strict";
import { gguf as readOracle } from "@huggingface/gguf";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { checkGolden, goldenPath } from "../golden_checkpoint.ts";

const GOLDEN = ["all.gguf", "v2.gguf", "aligned64.gguf", "k_quants.gguf"];

Deno.test("openGguf() reads every type and version as Python wrote it", async () => {
  for (const file of GOLDEN) {
    using checkpoint = await openGguf(goldenPath(file));
    await checkGolden(checkpoint, file);
  }
});

Deno.test("openGguf() reads every kind of metadata", async () => {
  using checkpoint = await openGguf(goldenPath("all.gguf"));
  const { metadata } = checkpoint;
  const kinds = Object.fromEntries(
    Object.entries(metadata).filter(([key]) => key.startsWith("kinds.")),
  );
  assert.deepEqual(kinds, {
    "kinds.u8": 200,
    "kinds.i8": -100,
    "kinds.u16": 60_000,
    "kinds.i16": -30_000,
    "kinds.u32": 4_000_000_000,
    "kinds.i32": -2_000_000_000,
    "kinds.f32": 0.5,
    "kinds.u64": 2n ** 63n,
    "kinds.i64": -(2 ** 40),
    "kinds.f64": 0.1,
    "kinds.bool": true,
    "kinds.string": "naïve 😀",
    "kinds.strings": ["a", "", "é".repeat(40)],
    "kinds.ints": Int32Array.of(1, -2, 3),
    "kinds.floats": Float32Array.of(0.5, 0.25),
    "kinds.bools": [true, false],
    "kinds.nested": [Int32Array.of(1, 2), Int32Array.of(3)],
  });
});

Deno.test("openGguf() agrees with @huggingface/gguf", async () => {
  for (const file of GOLDEN) {
    using checkpoint = await openGguf(goldenPath(file));
    const oracle = await readOracle(goldenPath(file), {
      allowLocalFile: true,
    });
    const shapes = oracle.tensorInfos.map(({ name, shape }) => [
      name,
      shape.map(Number).reverse(),
    ]);
    assert.deepEqual(
      [...checkpoint.tensors.values()].map((t) => [t.name, t.shape]),
      shapes,
    );
    assert.deepEqual(
      plain(checkpoint.metadata),
      plain(withoutCounts(oracle.metadata)),
    );
  }
});

/** The oracle puts counts from the header among the metadata. */
function withoutCounts(metadata: object): Record<string, unknown> {
  const entries = Object.entries(metadata);
  return Object.fromEntries(entries.filter(([key]) => key.includes(".")));
}

/** Numbers where one reader has bigints or typed arrays, the other not. */
function plain(value: unknown): unknown {
  if (typeof value === "bigint") return Number(value);
  if (ArrayBuffer.isView(value)) return plain([...value as Int32Array]);
  if (Array.isArray(value)) return value.map(plain);
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(
    Object.entries(value).map(([key, item]) => [key, plain(item)]),
  );
}

Deno.test("openGguf() refuses another tensor type by name", async () => {
  await assert.rejects(
    openGguf(goldenPath("q5_0.gguf")),
    /"blk.0.attn_q.weight" is 6 \(Q5_0\): supported types are F32, F16, Q4_0, Q4_1, Q8_0, Q4_K, Q6_K, BF16/,
  );
});

/** Little-endian fields of a GGUF file: strings, numbers of 4 and 8 bytes. */
function fields(...parts: (string | number | bigint)[]): number[] {
  return parts.flatMap((part) => {
    if (typeof part === "string") {
      const text = [...new TextEncoder().encode(part)];
      return [...fields(BigInt(text.length)), ...text];
    }
    const bytes = new DataView(new ArrayBuffer(8));
    bytes.setBigUint64(0, BigInt(part), true);
    return [
      ...new Uint8Array(bytes.buffer, 0, typeof part === "bigint" ? 8 : 4),
    ];
  });
}

const MAGIC = 0x46554747;

/** A header of version 3 without metadata and with the given tensors. */
function tensorsHeader(...entries: number[][]): number[] {
  return [...fields(MAGIC, 3, BigInt(entries.length), 0n), ...entries.flat()];
}

/** A header of version 3 with one metadata pair and no tensors. */
function metadataHeader(...pair: (string | number | bigint)[]): number[] {
  return fields(MAGIC, 3, 0n, 1n, ...pair);
}

function tensor(name: string, size: bigint, start: bigint, type = 0): number[] {
  return fields(name, 1, size, type, start);
}

/** Arrays in arrays, each of one item. */
const NESTED = Array(8).fill([9, 1n]).flat();

async function refusal(header: number[], dataBytes = 64): Promise<string> {
  const path = await Deno.makeTempFile({ suffix: ".gguf" });
  const padded = Math.ceil(header.length / 32) * 32 + dataBytes;
  const bytes = new Uint8Array(padded);
  bytes.set(header);
  await Deno.writeFile(path, bytes);
  try {
    using _ = await openGguf(path);
    return "";
  } catch (error) {
    assert.ok(error instanceof Error && error.message.includes(path));
    return error.message;
  } finally {
    await Deno.remove(path);
  }
}

Deno.test("openGguf() accepts the files that the refused ones vary", async () => {
  const header = tensorsHeader(tensor("a", 8n, 0n), tensor("b", 8n, 32n));
  assert.equal(await refusal(header), "");
  assert.equal(await refusal(metadataHeader("key", 4, 7)), "");
});

Deno.test("openGguf() refuses headers that break a rule", async () => {
  const huge = 2n ** 60n;
  const cases: readonly (readonly [number[], RegExp])[] = [
    [fields(0x12345678, 3, 0n, 0n), /letters GGUF/],
    [fields(MAGIC, 1, 0n, 0n), /version 1: versions 2 and 3/],
    [fields(MAGIC, 0x03000000, 0n, 0n), /big-endian/],
    [fields(MAGIC, 3, huge, 0n), /a list of 1152921504606847000 tensors/],
    [fields(MAGIC, 3, 0n, huge), /a list of 1152921504606847000 metadata/],
    [metadataHeader("key", 13, 0), /"key" has the kind 13/],
    [
      metadataHeader("key", 8, huge),
      /metadata "key".*takes 1152921504606847000/,
    ],
    [metadataHeader("key", 9, 0, huge), /"key" of 1152921504606847000 items/],
    [metadataHeader("key", 9, 8, 2n ** 20n), /"key" of 1048576 items/],
    [metadataHeader("key", 9, 77, 1n), /"key" has the kind 77/],
    [metadataHeader("key", 7, 2), /boolean 2/],
    [metadataHeader("general.alignment", 4, 24), /power of two/],
    [metadataHeader("general.alignment", 4, 0), /power of two/],
    [metadataHeader("key", 9, ...NESTED), /nests arrays deeper than 4/],
    [fields(MAGIC, 3, 0n, 2n, "k", 4, 1, "k", 4, 2), /"k" is there twice/],
    [fields(MAGIC, 3, 1n, 0n, "a", 5, 0n), /"a" has 5 axes/],
    [tensorsHeader(tensor("a", 8n, 0n, 99)), /99 \(not a known type\)/],
    [
      tensorsHeader(tensor("a", 8n, 4n)),
      /"a" starts at offset 4.*alignment 32/,
    ],
    [
      tensorsHeader(tensor("a", 8n, huge)),
      /"a" starts at offset 1152921504606/,
    ],
    [tensorsHeader(tensor("a", 8n, 96n)), /cut short.*"a".*missing/],
    [tensorsHeader(tensor("a", huge, 0n)), /"a".*integers from 0 on/],
    [
      tensorsHeader(tensor("a", 33n, 0n, 8)),
      /"a".*q8_0 needs a multiple of 32/,
    ],
    [
      tensorsHeader(tensor("a", 1n, 0n), tensor("a", 1n, 32n)),
      /"a" is there twice/,
    ],
    [
      tensorsHeader(tensor("a", 9n, 0n), tensor("b", 1n, 32n)),
      /"a" and "b" overlap/,
    ],
  ];
  for (const [header, message] of cases) {
    assert.match(await refusal(header), message);
  }
});

Deno.test("openGguf() refuses text that is not UTF-8", async () => {
  const header = metadataHeader("key", 8, "ab");
  header[header.length - 1] = 0xff;
  assert.match(await refusal(header), /"key".*not valid UTF-8/);
});

Deno.test("openGguf() says how much of a cut file is missing", async () => {
  const path = await Deno.makeTempFile();
  const whole = await Deno.readFile(goldenPath("all.gguf"));
  await Deno.writeFile(path, whole.subarray(0, whole.length - 100));
  await assert.rejects(openGguf(path), /cut short.*\d+ bytes are missing/);
  await Deno.remove(path);
});
