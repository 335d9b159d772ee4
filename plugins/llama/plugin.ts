/**
 * The LLaMA family as a plugin: GGUF files and Hugging Face folders.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { llama, type LlamaConfig } from "../../models/language/llama.ts";
import {
  definePart,
  definePlugin,
  type Part,
  type PartContext,
  type Plugin,
} from "../plugin.ts";
import { flag, integer, number, objectOf, optional } from "../schema.ts";
import { sizesFromGguf, tensorsFromGguf } from "./gguf_llama.ts";
import { sizesFromConfigJson, tensorsFromFolder } from "./hf_llama.ts";
import type { LlamaSizes } from "./llama_sizes.ts";

/** Brings `llama/decoder`. */
export function llamaPlugin(): Plugin {
  return definePlugin({
    name: "llama",
    version: "0.1.0",
    contract: 1,
    parts: [decoder()],
  });
}

function decoder(): Part<"language"> {
  const sizes = {
    layers: optional(integer()),
    width: optional(integer()),
    heads: optional(integer()),
    kvHeads: optional(integer()),
    headDim: optional(integer(2)),
    ffnWidth: optional(integer()),
    vocabulary: optional(integer()),
    normEps: optional(number(0)),
    ropeTheta: optional(number(1)),
    context: optional(integer()),
    isTied: optional(flag()),
  };
  return definePart({
    slot: "language",
    name: "llama/decoder",
    modelTypes: ["llama"],
    schema: objectOf(sizes),
    async build(config, context) {
      return llama(completed(config, await sizesOf(context)));
    },
    async weights({ tensors, metadata }, config, context) {
      const sizes = completed(config, await sizesOf(context));
      return isGguf(metadata)
        ? tensorsFromGguf(tensors, sizes)
        : tensorsFromFolder(tensors, sizes.isTied);
    },
  });
}

function isGguf(metadata: Readonly<Record<string, unknown>>): boolean {
  return metadata["general.architecture"] !== undefined;
}

/** What the part's own files tell of its sizes. */
async function sizesOf(
  { source }: PartContext,
): Promise<Partial<LlamaSizes>> {
  if (source === undefined) return {};
  if (isGguf(source.metadata)) return sizesFromGguf(source);
  const json = await source.json("config.json");
  return json === undefined ? {} : sizesFromConfigJson(source.path, json);
}

/** All sizes: those of the config, else those that were found. */
function completed(
  config: LlamaSizes,
  found: Partial<LlamaSizes>,
): LlamaConfig {
  const given = Object.entries(config).filter(([, size]) => size !== undefined);
  const sizes: Partial<LlamaSizes> = { ...found, ...Object.fromEntries(given) };
  const lacking = Object.keys(config).filter((key) =>
    sizes[key as keyof LlamaSizes] === undefined
  );
  if (lacking.length > 0) {
    throw new RookeryError(
      "config",
      `Cannot build llama/decoder as neither its section of the config nor ` +
        `its weights say ${lacking.join(", ")}: use a GGUF file, a folder ` +
        "with config.json, or write the sizes into the config",
      { path: "language", actual: lacking },
    );
  }
  checkHeads(sizes as LlamaConfig);
  return sizes as LlamaConfig;
}

function checkHeads({ heads, kvHeads, headDim }: LlamaConfig): void {
  const reason = heads % kvHeads !== 0
    ? `${heads} heads cannot share ${kvHeads} key and value heads evenly`
    : headDim % 2 !== 0 || !Number.isInteger(headDim)
    ? `heads of width ${headDim} cannot be rotated in pairs`
    : undefined;
  if (reason === undefined) return;
  throw new RookeryError("config", `Cannot build llama/decoder as ${reason}`, {
    path: "language",
    actual: { heads, kvHeads, headDim },
  });
}
