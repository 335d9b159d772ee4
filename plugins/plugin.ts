/**
 * The contract of plugins: what a plugin brings, and what it is told. The
 * built-in plugins use this and nothing else.
 *
 * @module
 */

import type { Checkpoint, StoredTensor } from "../core/stored_tensor.ts";
import type {
  CrossAttention,
  ImageProcessor,
  LanguageModel,
  Resampler,
  TextEncoder,
  Tokenizer,
  VisionEncoder,
} from "../models/slots.ts";
import type { CheckpointReader } from "./checkpoint_reader.ts";
import type { GgufValue } from "./gguf_value.ts";
import type { JsonObject } from "./json_file.ts";
import type { Schema } from "./schema.ts";

/** Number of this contract; it changes when a slot or the door changes. */
export const CONTRACT = 1;

/** What fills each slot. */
export interface SlotValues {
  /** Pixels to features. */
  readonly vision: VisionEncoder;
  /** Features to latents. */
  readonly resampler: Resampler;
  /** Latents into the language model. */
  readonly crossAttention: CrossAttention;
  /** The language model. */
  readonly language: LanguageModel;
  /** Text to a vector, beside a vision encoder. */
  readonly text: TextEncoder;
  /** Text to token ids. */
  readonly tokenizer: Tokenizer;
  /** Pictures to pixels. */
  readonly image: ImageProcessor;
  /** Files to tensors. */
  readonly reader: CheckpointReader;
}

/** Roles that parts fill. */
export type SlotName = keyof SlotValues;

/** The files that a part's section of the config names, before loading. */
export interface PartSource {
  /** Path as it was found. */
  readonly path: string;
  /** The path, where it is a folder, else the folder that it lies in. */
  readonly folder: string;
  /** Metadata of the weights file, e.g. GGUF keys; empty where it has none. */
  readonly metadata: Readonly<Record<string, unknown>>;
  /** Sizes of the file's tensors by name; empty where there are no weights. */
  readonly shapes: ReadonlyMap<string, readonly number[]>;
  /** A JSON file in the folder, e.g. `config.json`; undefined without one. */
  json(name: string): Promise<JsonObject | undefined>;
  /** Values of a small tensor of the file as f32; undefined without one. */
  values(name: string): Promise<Float32Array<ArrayBuffer> | undefined>;
}

/** Sizes of parts that were built before. */
export interface Neighbours {
  /** For resamplers, text encoders and image processors. */
  readonly vision?: Pick<VisionEncoder, "px" | "positions" | "width">;
  /** For cross-attention. */
  readonly resampler?: Pick<Resampler, "latents" | "width">;
  /** For cross-attention; `layers` counts its blocks. */
  readonly language?: Pick<LanguageModel, "width" | "vocabulary"> & {
    readonly layers: number;
  };
}

/** What a part is told when it is built. */
export interface PartContext {
  /** Its files; undefined where its section names none. */
  readonly source: PartSource | undefined;
  /** Sizes of the parts it stands beside. */
  readonly neighbours: Neighbours;
  /**
   * Sizes of tensors that the bridge or the program hands in for this part, by
   * the names of its templates: they win over those of its own file, e.g. an
   * embedding with more rows.
   */
  readonly overrides: ReadonlyMap<string, readonly number[]>;
}

/** Tensors by name. */
export type TensorMap = ReadonlyMap<string, StoredTensor>;

/** How a GGUF file holds a language model. */
export interface GgufForm {
  /** Its `general.architecture`. */
  readonly architecture: string;
  /** Metadata without the architecture before the keys: `block_count`, …. */
  readonly metadata: ReadonlyMap<string, GgufValue>;
  /**
   * A tensor of the part's templates under the file's name and with its order
   * of rows; undefined for one that the format has no place for.
   */
  tensor(name: string, tensor: StoredTensor): StoredTensor | undefined;
  /** Tensors of the file that the templates do not have. */
  readonly extra: readonly StoredTensor[];
}

/** Something that fills a slot. */
export interface Part<S extends SlotName = SlotName, C = unknown> {
  /** The slot. */
  readonly slot: S;
  /** Name in configs: `plugin/part`. */
  readonly name: string;
  /** Check of its own keys; `part` and `weights` are not among them. */
  readonly schema: Schema<C>;
  /**
   * Language models only: architectures it reads, as `general.architecture` of
   * GGUF and `model_type` of Hugging Face folders name them.
   */
  readonly modelTypes?: readonly string[];
  /** Makes the slot's value. Same config and context, same value. */
  build(
    config: C,
    context: PartContext,
  ): SlotValues[S] | Promise<SlotValues[S]>;
  /**
   * Tensors of the part's own file under the names that its templates use,
   * renamed or derived. Nothing is read until a tensor's `read()` is called.
   * Tensors that the model does not know must stay in the result, so that they
   * are reported; those without a use must not. Default: as in the file.
   */
  weights?(
    checkpoint: Checkpoint,
    config: C,
    context: PartContext,
  ): TensorMap | Promise<TensorMap>;
  /**
   * Parameters as the part's authors count them, where its templates have
   * fewer: those that are folded into others when weights are read, or that
   * nothing here reads. `counted` are those of its templates. Default:
   * `counted`.
   */
  parameters?(
    config: C,
    context: PartContext,
    counted: number,
  ): number | Promise<number>;
  /**
   * Keys of its section that say what its files told, so that it can be built
   * without them. Default: it is built from its own keys and the JSON files it
   * read, whatever the names and formats of its tensors are.
   */
  section?(config: C, context: PartContext): JsonObject | Promise<JsonObject>;
  /**
   * Language models only: how a GGUF file holds it. Throws `config` for what
   * the format has no place for. Default: no GGUF file is written.
   */
  gguf?(config: C, context: PartContext): GgufForm | Promise<GgufForm>;
}

/** A part of any slot. */
export type AnyPart = { readonly [S in SlotName]: Part<S> }[SlotName];

/** Slots whose parts have weights; a bridge may hold them. */
export type BridgeSlot = Extract<
  SlotName,
  "vision" | "resampler" | "crossAttention" | "language" | "text"
>;

/** Tensors of a bridge by slot, and those that are for none. */
export interface BridgeTensors {
  /** Tensors of each slot under the names that the format gives them. */
  readonly bySlot: ReadonlyMap<BridgeSlot, TensorMap>;
  /** Names that the format does not know. */
  readonly unknown: readonly string[];
}

/** A folder of a published model. */
export interface FolderSource extends Pick<PartSource, "path" | "json"> {
  /** Sizes of its tensors by name, from their files' headers. */
  shapes(): Promise<ReadonlyMap<string, readonly number[]>>;
}

/** How the names in a file that holds tensors of several parts are read. */
export interface BridgeFormat {
  /** Its name in configs, `bridge.format`. */
  readonly name: string;
  /**
   * Whether sorted names are those of the parts' published checkpoints, which
   * the parts' own `weights` takes, rather than those of their templates.
   */
  readonly isPublished: boolean;
  /** Sorts a file's tensors by slot; reads none. */
  sort(tensors: TensorMap): BridgeTensors;
}

/** Folders of published models that are more than one part. */
export interface FolderModel {
  /** `model_type`s of the `config.json` in such folders. */
  readonly modelTypes: readonly string[];
  /** Whether a `config.json` without a `model_type` is of such a folder. */
  recognises?(json: JsonObject): boolean;
  /** The Rookery config of a folder; its paths are relative to the folder. */
  configOf(source: FolderSource): JsonObject | Promise<JsonObject>;
}

/** A bundle of parts. */
export interface Plugin {
  /** Its name, for messages. */
  readonly name: string;
  /** Its own version. */
  readonly version: string;
  /** The contract it was written for: {@link CONTRACT}. */
  readonly contract: number;
  /** Its parts. */
  readonly parts: readonly AnyPart[];
  /** Formats of bridges that it reads. */
  readonly bridges?: readonly BridgeFormat[];
  /** Folders that it knows as whole models. */
  readonly models?: readonly FolderModel[];
}

/** Freezes a plugin; carries its type. */
export function definePlugin(plugin: Plugin): Plugin {
  return Object.freeze({ ...plugin, parts: Object.freeze([...plugin.parts]) });
}

/** Freezes a part; infers the type of its config from its schema. */
export function definePart<S extends SlotName, C>(part: Part<S, C>): Part<S> {
  return Object.freeze({ ...part }) as Part<S>;
}
