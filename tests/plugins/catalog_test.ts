import assert from "node:assert/strict";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { perceiverPlugin } from "../../plugins/perceiver/plugin.ts";
import { definePlugin } from "../../plugins/plugin.ts";

Deno.test("Catalog finds every built-in part by slot and name", async () => {
  const catalog = new Catalog(builtinPlugins());
  const encoders = catalog.names("vision").toSorted();
  assert.deepEqual(encoders, [
    "clip/vit",
    "dinov2/vit",
    "efficientnet_lite/encoder",
    "nfnet/encoder",
  ]);
  assert.equal(catalog.bridge("open_flamingo").isPublished, true);
  assert.throws(() => catalog.bridge("open_flaming"), /"open_flamingo"\?/);
  const folder = catalog.folderModel({ model_type: "idefics" });
  assert.deepEqual(folder?.modelTypes, ["idefics"]);
  assert.equal(catalog.part("resampler", "perceiver").slot, "resampler");
  assert.equal(catalog.languagePart("llama").name, "llama/decoder");
  const formats = (await catalog.readers()).map(({ formats }) => formats);
  assert.equal(formats.length, 4);
});

Deno.test("Catalog names the nearest part for an unknown one", () => {
  const catalog = new Catalog(builtinPlugins());
  assert.throws(
    () => catalog.part("resampler", "perciever"),
    /part "perciever" for the slot resampler \(did you mean "perceiver"\?\)/,
  );
  assert.throws(() => catalog.languagePart("lama"), /did you mean "llama"/);
});

Deno.test("Catalog refuses two parts of one name, naming both plugins", () => {
  const other = definePlugin({ ...perceiverPlugin(), name: "other" });
  assert.throws(
    () => new Catalog([...builtinPlugins(), other]),
    /plugins perceiver and other together as both bring resampler part/,
  );
});

Deno.test("Catalog refuses a plugin of another contract", () => {
  const old = definePlugin({ ...perceiverPlugin(), contract: 0 });
  assert.throws(() => new Catalog([old]), /written for contract 0: .* has/);
});

Deno.test("plugins are frozen", () => {
  for (const plugin of builtinPlugins()) {
    assert.ok(Object.isFrozen(plugin) && Object.isFrozen(plugin.parts));
    for (const part of plugin.parts) assert.ok(Object.isFrozen(part));
  }
});
