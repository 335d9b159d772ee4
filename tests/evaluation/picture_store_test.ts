import assert from "node:assert/strict";
import { join } from "node:path";
import { PictureStore } from "../../evaluation/picture_store.ts";

Deno.test("PictureStore finds files below a style's package", () => {
  const store = new PictureStore(new Map([["fluent", "/cache/fluent"]]));
  const ref = { style: "fluent", hex: "1f415", file: "package/assets/a.webp" };
  assert.equal(store.pathOf(ref), join("/cache/fluent", "assets/a.webp"));
  assert.throws(
    () => store.pathOf({ ...ref, style: "crayon" }),
    /style "crayon".*fluent/,
  );
});

Deno.test("PictureStore lists drawings by code points without selectors", async () => {
  const root = await Deno.makeTempDir();
  try {
    const folder = join(root, "img/google/64");
    await Deno.mkdir(folder, { recursive: true });
    for (const name of ["1f6e1-fe0f.png", "1F415.png"]) {
      await Deno.writeTextFile(join(folder, name), "");
    }
    const store = new PictureStore(new Map([["google", root]]));
    const drawings = await store.drawingsOf("google");
    assert.deepEqual([...drawings.keys()].sort(), ["1f415", "1f6e1"]);
    const ref = drawings.get("1f6e1")!;
    assert.equal(store.pathOf(ref), join(folder, "1f6e1-fe0f.png"));
  } finally {
    await Deno.remove(root, { recursive: true });
  }
});
