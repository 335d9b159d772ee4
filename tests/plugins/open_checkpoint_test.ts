import assert from "node:assert/strict";
import { join } from "node:path";
import { openCheckpoint } from "../support/open_checkpoint.ts";
import { checkGolden, goldenPath } from "./golden_checkpoint.ts";

Deno.test("openCheckpoint() tells formats apart by content", async () => {
  const folder = await Deno.makeTempDir();
  const files = [
    ["all.gguf"],
    ["all.safetensors"],
    ["zip.pt"],
    ["legacy.pth"],
    ["protocol4_legacy.pth"],
    ["all.npz"],
    ["deflated.npz", "all.npz"],
    ["haiku_2.npz", "haiku"],
    ["haiku_5.npz", "haiku"],
  ] as const;
  for (const [file, golden = file] of files) {
    const renamed = join(folder, "weights.dat");
    await Deno.copyFile(goldenPath(file), renamed);
    using checkpoint = await openCheckpoint(renamed);
    await checkGolden(checkpoint, golden);
  }
  await Deno.remove(folder, { recursive: true });
});

/** Opens a folder of copies of golden files, under other names. */
async function openFolderOf(
  files: Readonly<Record<string, string>>,
  golden?: string,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    for (const [name, file] of Object.entries(files)) {
      await Deno.copyFile(goldenPath(file), join(folder, name));
    }
    using checkpoint = await openCheckpoint(folder);
    if (golden !== undefined) await checkGolden(checkpoint, golden);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("openCheckpoint() opens Hugging Face folders", async () => {
  const config = { "config.json": "sharded/config.json" };
  const whole = { ...config, "model.safetensors": "all.safetensors" };
  await openFolderOf(whole, "all.safetensors");
  await openFolderOf(
    { ...whole, "pytorch_model.bin": "zip.pt" },
    "all.safetensors",
  );
  await openFolderOf({ ...config, "pytorch_model.bin": "zip.pt" }, "zip.pt");
  await openFolderOf({ ...config, "other.gguf": "all.gguf" }, "all.gguf");
  const sharded = "sharded/model.safetensors.index.json";
  for (const path of ["sharded", sharded]) {
    using checkpoint = await openCheckpoint(goldenPath(path));
    await checkGolden(checkpoint, sharded);
  }
});

Deno.test("openCheckpoint() refuses folders without one set of weights", async () => {
  await assert.rejects(
    openFolderOf({ "config.json": "sharded/config.json" }),
    /this folder holds no weights: supported are safetensors/,
  );
  await assert.rejects(
    openFolderOf({ "a.gguf": "all.gguf", "b.pt": "zip.pt" }),
    /several weights files.*name one of \["a.gguf","b.pt"\]/,
  );
});

Deno.test("openCheckpoint() refuses paths and contents it cannot read", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "weights");
  await assert.rejects(
    openCheckpoint(path),
    /weights as there is no such file/,
  );
  const cases: readonly (readonly [Uint8Array, RegExp])[] = [
    [new Uint8Array(0), /weights as it is empty/],
    [new Uint8Array(9), /weights as it has 9 bytes/],
    [new Uint8Array(99), /weights as its content is of no supported format/],
    [
      new Uint8Array(99).fill(60),
      /no supported format: supported are safetensors/,
    ],
  ];
  for (const [content, message] of cases) {
    await Deno.writeFile(path, content);
    await assert.rejects(openCheckpoint(path), message);
  }
  const evil = ["evil.pkl", "evil_zip.pt", "evil_legacy.pth"];
  const numpy = ["evil_haiku.npz", "evil_objects.npz", "evil_deflated.npz"];
  for (const file of [...evil, ...numpy]) {
    await assert.rejects(
      openCheckpoint(goldenPath(file)),
      (error: Error) =>
        error.message.includes(file) && /wants "posix.sys/.test(error.message),
    );
  }
  await assert.rejects(Deno.stat("rookery_was_here"), Deno.errors.NotFound);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openCheckpoint() does not wait for a named pipe", async () => {
  const folder = await Deno.makeTempDir();
  const path = join(folder, "pipe");
  const made = await new Deno.Command("mkfifo", { args: [path] }).output();
  assert.ok(made.success);
  await assert.rejects(openCheckpoint(path), /it is not a regular file/);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("openCheckpoint() opens sharded torch folders", async () => {
  const folder = await Deno.makeTempDir();
  const shard = "pytorch_model-00001-of-00001.bin";
  const index = { weight_map: { weight: shard, count: shard } };
  await Deno.copyFile(goldenPath("protocol3.pt"), join(folder, shard));
  await Deno.writeTextFile(
    join(folder, "pytorch_model.bin.index.json"),
    JSON.stringify(index),
  );
  {
    using checkpoint = await openCheckpoint(folder);
    await checkGolden(checkpoint, "protocol3.pt");
  }
  await Deno.remove(folder, { recursive: true });
});
