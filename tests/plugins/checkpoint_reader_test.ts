import assert from "node:assert/strict";
import { join } from "node:path";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { openWith } from "../../plugins/checkpoint_reader.ts";
import { definePart, definePlugin } from "../../plugins/plugin.ts";
import { objectOf } from "../../plugins/schema.ts";

const GOLDEN = new URL("../golden/readers/", import.meta.url).pathname;
const READERS = await new Catalog(builtinPlugins()).readers();

Deno.test("openWith() tells formats apart by their content", async () => {
  for (
    const [file, name] of [
      ["all.gguf", "f32"],
      ["all.safetensors", "f32"],
      ["zip.pt", undefined],
      ["legacy.pth", undefined],
      ["sharded", undefined],
    ] as const
  ) {
    using checkpoint = await openWith(READERS, join(GOLDEN, file));
    assert.ok(checkpoint.tensors.size > 0, file);
    if (name) assert.ok([...checkpoint.tensors.keys()].join().includes(name));
  }
});

Deno.test("openWith() asks a stranger's reader too", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "weights.own");
    await Deno.writeTextFile(path, "OWN!");
    const stranger = definePlugin({
      name: "own",
      version: "1.0.0",
      contract: 1,
      parts: [definePart({
        slot: "reader",
        name: "own",
        schema: objectOf({}),
        build: () => ({
          formats: "OWN",
          folderFiles: [],
          endings: [".own"],
          recognises: (_, head) => String.fromCharCode(...head) === "OWN!",
          open: (path) =>
            Promise.resolve({
              path,
              tensors: new Map(),
              metadata: { own: true },
              [Symbol.dispose]: () => {},
            }),
        }),
      })],
    });
    const readers = await new Catalog([...builtinPlugins(), stranger])
      .readers();
    for (const each of [path, folder]) {
      using checkpoint = await openWith(readers, each);
      assert.deepEqual(checkpoint.metadata, { own: true });
    }
    await assert.rejects(
      openWith(READERS, path),
      /no weights file is that short/,
    );
    await assert.rejects(openWith(READERS, folder), /holds no weights/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("openWith() wants one of several files named", async () => {
  await assert.rejects(openWith(READERS, GOLDEN), /several weights files/);
  await assert.rejects(
    openWith(READERS, join(GOLDEN, "nothing.gguf")),
    /there is no such file/,
  );
});
