import assert from "node:assert/strict";
import { join } from "node:path";
import {
  indexPictures,
  PICTURE_INDEX_NAME,
  type PictureEncoder,
  readClassFolder,
  RookeryError,
} from "../../../mod.ts";

/** Vectors of length and first byte; notes what it was asked. */
function byteEncoder(identity: string | undefined = "bytes") {
  const asked: string[] = [];
  const encoder: PictureEncoder = {
    width: 2,
    identity,
    async embed(pictures) {
      const vectors: Float32Array[] = [];
      for (const path of pictures as string[]) {
        const bytes = await Deno.readFile(path);
        if (bytes[0] === 33) {
          throw new RookeryError("image", `Cannot decode ${path}`);
        }
        vectors.push(Float32Array.of(bytes.length, bytes[0] ?? 0));
      }
      asked.push(...pictures as string[]);
      return vectors;
    },
  };
  return { encoder, asked };
}

async function withFiles(
  files: Readonly<Record<string, string>>,
  use: (path: (name: string) => string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const path = (name: string) => join(folder, name);
  try {
    for (const [name, text] of Object.entries(files)) {
      await Deno.mkdir(join(path(name), ".."), { recursive: true });
      await Deno.writeTextFile(path(name), text);
    }
    await use(path);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const FILES = { "a/0.png": "x", "a/1.png": "yy", "b/0.png": "zzz" };

Deno.test("indexPictures() encodes only what is new or changed", async () => {
  await withFiles(FILES, async (path) => {
    const file = path(PICTURE_INDEX_NAME);
    const { encoder, asked } = byteEncoder();
    const index = async (...names: string[]) => {
      asked.length = 0;
      const found = await indexPictures(encoder, names.map(path), { file });
      const { encoded, reused, dropped } = found;
      return { found, counts: [encoded, reused, dropped] };
    };
    const names = Object.keys(FILES);
    const first = await index(...names);
    assert.deepEqual(first.counts, [3, 0, 0]);
    assert.deepEqual([...first.found.vectors.get(path("a/1.png"))!], [2, 121]);
    const second = await index(...names);
    assert.deepEqual(second.counts, [0, 3, 0]);
    assert.deepEqual(second.found.vectors, first.found.vectors);
    await Deno.writeTextFile(path("a/1.png"), "new!");
    await Deno.writeTextFile(path("c.png"), "added");
    const third = await index("a/0.png", "a/1.png", "c.png");
    assert.deepEqual(third.counts, [2, 1, 2]);
    assert.deepEqual(asked, [path("a/1.png"), path("c.png")]);
    assert.deepEqual([...third.found.vectors.get(path("a/1.png"))!], [4, 110]);
    assert.deepEqual((await index("c.png")).counts, [0, 1, 2]);
    assert.deepEqual((await index("c.png")).counts, [0, 1, 0]);
  });
});

Deno.test("indexPictures() passes over an index of another encoder or a damaged one", async () => {
  await withFiles(FILES, async (path) => {
    const file = path(PICTURE_INDEX_NAME), paths = Object.keys(FILES).map(path);
    const encodedBy = async (identity: string | undefined) =>
      (await indexPictures(byteEncoder(identity).encoder, paths, { file }))
        .encoded;
    assert.equal(await encodedBy("one"), 3);
    assert.equal(await encodedBy("two"), 3);
    assert.equal(await encodedBy("two"), 0);
    const bytes = await Deno.readFile(file);
    bytes[bytes.length - 1]! ^= 1;
    await Deno.writeFile(file, bytes);
    assert.equal(await encodedBy("two"), 3);
    await Deno.writeFile(file, bytes.subarray(0, 20));
    assert.equal(await encodedBy("two"), 3);
    await Deno.remove(file);
    const nameless = { ...byteEncoder().encoder, identity: undefined };
    await indexPictures(nameless, paths, { file });
    await assert.rejects(Deno.stat(file), Deno.errors.NotFound);
  });
});

Deno.test("indexPictures() goes on after bad pictures, and without a place for the index", async () => {
  const files = { ...FILES, "b/1.png": "!bad" };
  await withFiles(files, async (path) => {
    const paths = [...Object.keys(files), "gone.png"].map(path);
    const { encoder } = byteEncoder();
    const file = path("no/such/folder.safetensors");
    const found = await indexPictures(encoder, paths, { file });
    assert.deepEqual(
      found.failures.map(({ path }) => path).sort(),
      [path("b/1.png"), path("gone.png")],
    );
    assert.equal(found.vectors.size, 3);
    assert.match(found.unsaved!, /no\/such/);
    const broken: PictureEncoder = {
      ...encoder,
      embed: () => Promise.reject(new RookeryError("memory", "full")),
    };
    await assert.rejects(indexPictures(broken, paths, { file }), /full/);
  });
});

Deno.test("readClassFolder() lists pictures by class", async () => {
  const files = {
    ...FILES,
    "a/notes.txt": "",
    "a/.hidden.png": "",
    ".cache/x.png": "",
    "b/2.JPG": "",
    "loose.png": "",
  };
  await withFiles(files, async (path) => {
    const found = await readClassFolder(path("."));
    assert.deepEqual(found, [
      { image: path("a/0.png"), text: "a" },
      { image: path("a/1.png"), text: "a" },
      { image: path("b/0.png"), text: "b" },
      { image: path("b/2.JPG"), text: "b" },
    ]);
    await assert.rejects(readClassFolder(path("a")), /no class with a picture/);
    await assert.rejects(readClassFolder(path("none")), /Cannot list .*none/);
  });
});
