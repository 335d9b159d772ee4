/**
 * Where configs come from: presets, JSON files, and weights that describe
 * themselves.
 *
 * @module
 */

import { basename, dirname, join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { RookeryError } from "../core/errors.ts";
import { type CheckpointReader, openWith } from "./checkpoint_reader.ts";
import type { ModelConfig } from "./config.ts";
import { HUB_PREFIX, parseHubName } from "./hub/hub_name.ts";
import { findPulled } from "./hub/use_cached.ts";
import { type JsonObject, readJsonFile } from "./json_file.ts";
import { didYouMean } from "./nearest_name.ts";
import { parseConfig } from "./parse_config.ts";
import type { FolderModel } from "./plugin.ts";
import { PRESET_NAMES, presetFolder, presetJson } from "./presets.ts";

/** A config with what its relative paths are relative to. */
export interface LocatedConfig<Config extends ModelConfig = ModelConfig> {
  /** The config. */
  readonly config: Config;
  /** Preset or path, for messages. */
  readonly path: string;
  /** Folder of its relative paths. */
  readonly base: string | URL;
}

/** What knows folders as whole models; a catalog does. */
export interface FolderModels {
  /** The description of folders with such a `config.json`. */
  folderModel(json: JsonObject): FolderModel | undefined;
  /** Readers of weights in folders. */
  readers(): Promise<readonly CheckpointReader[]>;
}

/** The config of a folder that has one of this library, e.g. by `quantize`. */
const OWN_CONFIG = "model.json";

/** A config is short; a larger file is something else. */
const MAX_BYTES = 1 << 20;

/** Folders also hold tokenizers. */
const MAX_FOLDER_JSON_BYTES = 256 << 20;

/**
 * The config of a preset by name, a config file (`.json`), a GGUF file, or a
 * Hugging Face folder, by path or, where it was pulled from the hub, as
 * `hf:owner/name@revision`. The last two are bare language models, but for
 * folders that `folders` knows as whole models, and those with a config in
 * `model.json`.
 *
 * @throws {RookeryError} `config` for a name that is neither preset nor path,
 * and for a config that breaks the schema; `file` for unreadable files, and
 * with the command to run for a model that was not pulled
 */
export async function readConfig(
  source: string | URL,
  folders?: FolderModels,
): Promise<LocatedConfig> {
  const name = source instanceof URL ? fileURLToPath(source) : source;
  const preset = presetJson(name);
  if (preset !== undefined) {
    const base = presetFolder();
    return { config: parseConfig(preset, name), path: name, base };
  }
  if (name.startsWith(HUB_PREFIX)) return await pulledConfig(name, folders);
  const info = await Deno.stat(name).catch(() => undefined);
  if (info === undefined) throw unknownModel(name);
  const path = resolve(name);
  if (info.isFile && name.endsWith(".json")) return await ownConfig(path, name);
  const own = join(path, OWN_CONFIG);
  if (info.isDirectory && await isFile(own)) return await ownConfig(own, own);
  const whole = info.isDirectory
    ? await folderConfig(path, basename(path), folders)
    : undefined;
  if (whole !== undefined) return { config: whole, path, base: path };
  const config = languageConfig(path, basename(path));
  return { config, path, base: dirname(path) };
}

/** The config in a file of this library. */
async function ownConfig(path: string, name: string): Promise<LocatedConfig> {
  const json = await readJsonFile(path, MAX_BYTES);
  return { config: parseConfig(json, name), path, base: dirname(path) };
}

async function isFile(path: string): Promise<boolean> {
  const info = await Deno.stat(path).catch(() => undefined);
  return info?.isFile === true;
}

/** The config of a folder that was pulled; its own name is only a commit's. */
async function pulledConfig(
  name: string,
  folders: FolderModels | undefined,
): Promise<LocatedConfig> {
  const source = parseHubName(name.slice(HUB_PREFIX.length));
  const base = await findPulled(source);
  const config = await folderConfig(base, source.hub, folders) ??
    languageConfig(base, source.hub);
  return { config, path: name, base };
}

/** The config of a folder that a plugin knows as a whole model. */
async function folderConfig(
  folder: string,
  name: string,
  folders: FolderModels | undefined,
): Promise<ModelConfig | undefined> {
  const json = async (name: string) => {
    const file = join(folder, name);
    const info = await Deno.stat(file).catch(() => undefined);
    return info && await readJsonFile(file, MAX_FOLDER_JSON_BYTES);
  };
  const described = await json("config.json");
  const found = described && folders?.folderModel(described);
  if (found === undefined) return undefined;
  const shapes = async () => {
    using checkpoint = await openWith(await folders!.readers(), folder);
    const tensors = [...checkpoint.tensors];
    return new Map(tensors.map(([name, { shape }]) => [name, shape]));
  };
  const config = await found.configOf({ path: folder, json, shapes });
  return parseConfig({ name, ...config }, folder);
}

/** The config of weights that say themselves what they are. */
function languageConfig(path: string, name: string): ModelConfig {
  return parseConfig({
    kind: "language",
    schema: 1,
    name,
    language: { weights: path },
  }, path);
}

function unknownModel(name: string): RookeryError {
  const presets = PRESET_NAMES.join(", ");
  return new RookeryError(
    "config",
    `Cannot find model "${name}" as it is neither a preset` +
      `${didYouMean(name, PRESET_NAMES)} nor an existing path: presets are ` +
      `${presets}; paths are config files (.json), GGUF files and Hugging ` +
      "Face folders; hf:OWNER/NAME is what `pull` brought",
    { path: name, expected: PRESET_NAMES, actual: name },
  );
}
