import assert from "node:assert/strict";
import { join } from "node:path";
import { builtinPlugins } from "../../plugins/builtin_plugins.ts";
import { Catalog } from "../../plugins/catalog.ts";
import { checkSections } from "../../plugins/check_sections.ts";
import { parseConfig } from "../../plugins/parse_config.ts";
import { PRESET_NAMES, presetJson } from "../../plugins/presets.ts";
import { readConfig } from "../../plugins/read_config.ts";

Deno.test("readConfig() finds each preset, and its parts know its keys", async () => {
  const catalog = new Catalog(builtinPlugins());
  for (const name of PRESET_NAMES) {
    const located = await readConfig(name);
    assert.equal(located.config.name, name);
    checkSections(located, catalog);
  }
});

Deno.test("checkSections() refuses a wrong preset before fetching", () => {
  const json = structuredClone(presetJson("rookery-small")) as Record<
    string,
    Record<string, unknown>
  >;
  json["vision"]!["levles"] = [];
  json["resampler"]!["part"] = "perciever";
  const located = { config: parseConfig(json, ""), path: "mine", base: "." };
  assert.throws(
    () => checkSections(located, new Catalog(builtinPlugins())),
    /assemble mine as there are 2 misfits:\n- vision\.levles.*\n- resampler/,
  );
});

Deno.test("readConfig() reads a config file, and weights as they are", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "m.json");
    const json = { kind: "language", schema: 1, language: { weights: "m" } };
    await Deno.writeTextFile(path, JSON.stringify(json));
    const { config, base } = await readConfig(path);
    assert.equal(config.kind, "language");
    assert.equal(base, folder);
    const bare = await readConfig(folder);
    assert.ok(bare.config.kind === "language");
    assert.equal(bare.config.language.weights, folder);
    await Deno.writeTextFile(path, "{");
    await assert.rejects(readConfig(path), /m\.json as its JSON is not valid/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("readConfig() says what a model may be", async () => {
  await assert.rejects(
    readConfig("rookery-smal"),
    /Cannot find model "rookery-smal" .*\(did you mean "rookery-small"\?\)/,
  );
});
