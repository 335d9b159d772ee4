import assert from "node:assert/strict";
import { join } from "node:path";
import { openTorch } from "../../../plugins/torch/reader.ts";
import { checkGolden, goldenPath } from "../golden_checkpoint.ts";

const LAYOUTS = ["zip.pt", "legacy.pth"];

for (const file of LAYOUTS) {
  Deno.test(`openTorch() reads ${file} as Python wrote it`, async () => {
    using checkpoint = await openTorch(goldenPath(file));
    await checkGolden(checkpoint, file);
  });

  Deno.test(`openTorch() reads part of a transposed tensor of ${file}`, async () => {
    using checkpoint = await openTorch(goldenPath(file));
    for (const name of ["transposed", "permuted", "every_other"]) {
      const tensor = checkpoint.tensors.get(name)!;
      const whole = await tensor.read(0, tensor.sizeBytes);
      for (let from = 0; from < whole.length; from += 5) {
        const to = Math.min(from + 7, whole.length);
        const part = await tensor.read(from, to);
        assert.deepEqual([...part], [...whole.subarray(from, to)], name);
      }
    }
  });
}

for (const file of ["nested_zip.pt", "nested_legacy.pth"]) {
  Deno.test(`openTorch() finds the model_state_dict in ${file}`, async () => {
    using checkpoint = await openTorch(goldenPath(file));
    await checkGolden(checkpoint, file);
    assert.deepEqual(checkpoint.metadata, {
      epoch: 3,
      loss: 0.25,
      name: "tiny",
      done: false,
      big: 2n ** 70n,
    });
  });
}

Deno.test("openTorch() reads later pickle protocols", async () => {
  for (const file of ["protocol3.pt", "protocol4.pt", "protocol5.pt"]) {
    using checkpoint = await openTorch(goldenPath(file));
    await checkGolden(checkpoint, file);
  }
});

Deno.test("openTorch() refuses a pickle that calls os.system by name", async () => {
  for (const file of ["evil_zip.pt", "evil_legacy.pth", "evil.pkl"]) {
    await assert.rejects(
      openTorch(goldenPath(file)),
      (error: Error) =>
        error.message.includes(goldenPath(file)) &&
        /it wants "posix.system", and only tensors/.test(error.message),
    );
  }
  await assert.rejects(Deno.stat("rookery_was_here"), Deno.errors.NotFound);
});

Deno.test("openTorch() refuses what is no dict of tensors", async () => {
  await assert.rejects(
    openTorch(goldenPath("tensor_only.pt")),
    /it holds no dict of tensors/,
  );
  await assert.rejects(
    openTorch(goldenPath("expanded.pt")),
    /"wide" of shape \[9\].*\.contiguous\(\)/,
  );
  await assert.rejects(openTorch(goldenPath("script.pt")), /a TorchScript/);
  await assert.rejects(
    openTorch(goldenPath("deflated.pt")),
    /"expanded\/data.pkl" is compressed or encrypted/,
  );
});

/** Error of opening a changed copy of a golden file. */
async function refusal(
  file: string,
  change: (bytes: Uint8Array<ArrayBuffer>) => Uint8Array,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  const path = join(folder, file);
  await Deno.writeFile(path, change(await Deno.readFile(goldenPath(file))));
  try {
    using _ = await openTorch(path);
    return "";
  } catch (error) {
    assert.ok(error instanceof Error && error.message.includes(path));
    return error.message;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Replaces some bytes by as many others. */
function replace(from: string, to: string) {
  return (bytes: Uint8Array<ArrayBuffer>): Uint8Array => {
    const text = String.fromCharCode(...bytes).replaceAll(from, to);
    assert.equal(text.length, bytes.length);
    return Uint8Array.from(text, (char) => char.charCodeAt(0));
  };
}

Deno.test("openTorch() refuses files that are cut short", async () => {
  const half = (bytes: Uint8Array) => bytes.subarray(0, bytes.length / 2);
  const most = (bytes: Uint8Array) => bytes.subarray(0, bytes.length - 9);
  assert.match(await refusal("zip.pt", half), /without a directory.*cut short/);
  assert.match(await refusal("zip.pt", most), /without a directory.*cut short/);
  assert.match(await refusal("legacy.pth", half), /cut short/);
  assert.match(await refusal("legacy.pth", most), /cut short/);
  assert.match(
    await refusal("legacy.pth", (bytes) => bytes.subarray(0, 3)),
    /it has 3 bytes/,
  );
});

Deno.test("openTorch() refuses other globals, archives and byte orders", async () => {
  const cases: readonly (readonly [string, string, string, RegExp])[] = [
    ["zip.pt", "FloatStorage", "EvilxStorage", /wants "torch.EvilxStorage"/],
    ["legacy.pth", "HalfStorage", "EvilStorage", /wants "torch.EvilStorage"/],
    ["legacy.pth", "little_endian", "little_xndian", /little-endian machine/],
    ["zip.pt", "data.pkl", "data.pkx", /without the data.pkl/],
  ];
  for (const [file, from, to, message] of cases) {
    assert.match(await refusal(file, replace(from, to)), message);
  }
  const bigEndian = replace("little", "bigbig");
  assert.match(await refusal("zip.pt", bigEndian), /byte order is "bigbig"/);
});

Deno.test("openTorch() refuses members that go by two names", async () => {
  const message = await refusal("zip.pt", (bytes) => {
    const text = String.fromCharCode(...bytes);
    bytes[text.indexOf("data.pkl")] = "D".charCodeAt(0);
    return bytes;
  });
  assert.match(message, /"zip\/data.pkl" is not where its directory says/);
});

Deno.test("openTorch() refuses storages of another size", async () => {
  const message = await refusal(
    "protocol3.pt",
    replace("cpuq\x06K\x06t", "cpuq\x06K\x05t"),
  );
  assert.match(message, /its storage "0" takes 20 bytes, 24 are there/);
});

Deno.test("openTorch() reads a zip64 directory", async () => {
  // torch.save writes one beside the plain directory, for large files; here
  // the plain one points to it as it does there.
  const path = await Deno.makeTempFile();
  const bytes = await Deno.readFile(goldenPath("zip.pt"));
  bytes.fill(0xff, bytes.length - 14, bytes.length - 2);
  await Deno.writeFile(path, bytes);
  using checkpoint = await openTorch(path);
  await checkGolden(checkpoint, "zip.pt");
  await Deno.remove(path);
});
