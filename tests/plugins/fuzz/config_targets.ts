/**
 * Configs as targets: those of people, of folders and of GGUF files.
 *
 * @module
 */

import assert from "node:assert/strict";
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { buildParts } from "../../../plugins/build_parts.ts";
import { builtinPlugins } from "../../../plugins/builtin_plugins.ts";
import { Catalog } from "../../../plugins/catalog.ts";
import { checkSections } from "../../../plugins/check_sections.ts";
import type { ModelConfig } from "../../../plugins/config.ts";
import { sourceOptions } from "../../../plugins/locate_config.ts";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { Misfits } from "../../../plugins/misfits.ts";
import { OpenedSources } from "../../../plugins/opened_sources.ts";
import { PartBuilder } from "../../../plugins/part_builder.ts";
import { readConfig } from "../../../plugins/read_config.ts";
import { damagedFiles } from "./damage_bytes.ts";
import { damagedJson } from "./damage_json.ts";
import type { FuzzTarget } from "./run_fuzz.ts";
import { wholeFile } from "./whole_file.ts";

/** Folders of golden models whose `config.json` is damaged. */
const FOLDERS = [
  ...["llama_tied", "llama_llama3", "gpt2_tied", "gpt_neox_parallel"],
  ...["mpt_plain", "mosaic_gpt", "opt_projected", "dinov2_small"],
  ...["clip_vit_quick", "idefics_base"],
] as const;

/** Their weights, in either format. */
const WEIGHTS: readonly string[] = ["model.safetensors", "pytorch_model.bin"];

/** Everything that says what a model is built from. */
export async function configTargets(): Promise<FuzzTarget[]> {
  return [
    await rookeryConfigs(),
    ...await Promise.all(FOLDERS.map(folderConfig)),
    await ggufModels(),
  ];
}

function golden(path: string): string {
  return fileURLToPath(new URL(`../../golden/${path}`, import.meta.url));
}

async function readJson(path: string): Promise<unknown> {
  return JSON.parse(await Deno.readTextFile(path));
}

/** Presets: keys, values, names of parts, and the parts' own options. */
async function rookeryConfigs(): Promise<FuzzTarget> {
  const preset = fileURLToPath(
    new URL("../../../presets/rookery_small.json", import.meta.url),
  );
  const catalog = new Catalog(builtinPlugins());
  return {
    name: "config of Rookery",
    file: "config.json",
    cases: damagedJson([await readJson(preset)]),
    codes: ["file", "config"],
    async run(path) {
      const located = await readConfig(path, catalog);
      assert.ok(typeof located.config.kind === "string");
      checkSections(located, catalog);
    },
  };
}

/** `config.json` of a family: what its part is built from. */
async function folderConfig(name: string): Promise<FuzzTarget> {
  const folder = golden(`models/${name}`);
  const beside: Record<string, Uint8Array> = {};
  for await (const { name: file } of Deno.readDir(folder)) {
    if (!WEIGHTS.includes(file)) continue;
    beside[file] = await Deno.readFile(`${folder}/${file}`);
  }
  return {
    name: `config.json of ${name}`,
    file: "config.json",
    beside,
    cases: damagedJson([await readJson(`${folder}/config.json`)]),
    codes: ["file", "config"],
    names: "folder",
    run: (path) => buildModel(dirname(path)),
  };
}

/** Metadata and shapes of GGUF files: what a part is built from. */
async function ggufModels(): Promise<FuzzTarget> {
  const files = [
    "llama_llama3",
    "gpt2_tied",
    "gpt_neox_parallel",
    "mpt_learned",
  ];
  const paths = files.map((file) => golden(`models/gguf/${file}.gguf`));
  return {
    name: "models in GGUF files",
    file: "model.gguf",
    cases: damagedFiles(
      await Promise.all(paths.map((path) => wholeFile(path, openGguf))),
    ),
    codes: ["file", "config"],
    run: buildModel,
  };
}

async function buildModel(source: string): Promise<void> {
  const catalog = new Catalog(builtinPlugins());
  const located = await readConfig(source, catalog);
  using sources = new OpenedSources(
    await catalog.readers(),
    sourceOptions(located, {}),
  );
  const misfits = new Misfits();
  const builder = new PartBuilder(catalog, sources, misfits);
  await build(located.config, builder, misfits);
  misfits.throwIfAny("config", `assemble ${located.path}`);
}

async function build(
  config: ModelConfig,
  builder: PartBuilder,
  misfits: Misfits,
): Promise<void> {
  if (config.kind === "language" || config.kind === "flamingo") {
    const overrides = new Map();
    const { language } = await buildParts(config, {
      builder,
      overrides,
      misfits,
    });
    const width = language?.value.width ?? 1;
    assert.ok(Number.isSafeInteger(width) && width > 0, `width ${width}`);
    return;
  }
  const { part, options, weights } = config.vision;
  const vision = await builder.build({
    slot: "vision",
    part: await builder.find("vision", part),
    options,
    entry: weights,
    neighbours: {},
  });
  const width = vision?.value.width ?? 1;
  assert.ok(Number.isSafeInteger(width) && width > 0, `width ${width}`);
}
