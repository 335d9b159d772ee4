/**
 * GGUF files as a kind of files of a family of language models.
 *
 * @module
 */

import type { StoredTensor } from "../core/stored_tensor.ts";
import type { KnownSizes } from "./completed_sizes.ts";
import type { DecoderFiles } from "./decoder_part.ts";
import { GgufValues } from "./gguf_values.ts";
import type { PartSource } from "./plugin.ts";

/** How the names of a family's tensors in GGUF files are spelled elsewhere. */
export interface GgufNames {
  /** What stands before the number of a layer, e.g. `model.layers.`. */
  readonly layers: string;
  /** Names of layers' tensors, after `blk.N.` and before `.weight`. */
  readonly layer: Readonly<Record<string, string>>;
  /** All other names. */
  readonly other: Readonly<Record<string, string>>;
}

/** How a family's GGUF files are read. */
export interface GgufReading<C> {
  /** Their `general.architecture`, which begins the keys of the metadata. */
  readonly architecture: string;
  /** Names of the family's templates. Those that are unknown stay. */
  readonly names: GgufNames;
  /** Sizes that the metadata and the tensors' sizes tell. */
  sizes(
    values: GgufValues,
    source: PartSource,
  ): KnownSizes<C> | Promise<KnownSizes<C>>;
  /**
   * A tensor, by its name in the file, as the templates want it; undefined for
   * one without a use. Default: as it is.
   */
  tensor?(
    name: string,
    tensor: StoredTensor,
    sizes: C,
  ): StoredTensor | undefined;
}

/** GGUF files of an architecture. */
export function ggufFile<C>(reading: GgufReading<C>): DecoderFiles<C> {
  const { architecture, names } = reading;
  return {
    isOf: ({ metadata }) => metadata["general.architecture"] === architecture,
    sizes: (source) =>
      reading.sizes(new GgufValues(source, `${architecture}.`), source),
    tensors(tensors, sizes) {
      const renamed = new Map<string, StoredTensor>();
      for (const [name, stored] of tensors) {
        const tensor = reading.tensor
          ? reading.tensor(name, stored, sizes)
          : stored;
        if (tensor !== undefined) {
          renamed.set(templateName(name, names), tensor);
        }
      }
      return renamed;
    },
  };
}

function templateName(name: string, names: GgufNames): string {
  const [, layer, inner, kind] =
    /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (inner === undefined) {
    return Object.hasOwn(names.other, name) ? names.other[name]! : name;
  }
  return Object.hasOwn(names.layer, inner)
    ? `${names.layers}${layer}.${names.layer[inner]}.${kind}`
    : name;
}
