/**
 * GGUF files as a kind of files of a family of language models.
 *
 * @module
 */

import type { KnownSizes } from "./completed_sizes.ts";
import type { DecoderFiles } from "./decoder_part.ts";
import { GgufValues } from "./gguf_values.ts";
import type { PartSource, TensorMap } from "./plugin.ts";

/** How a family's GGUF files are read. */
export interface GgufReading<C> {
  /** Their `general.architecture`, which begins the keys of the metadata. */
  readonly architecture: string;
  /** Sizes that the metadata and the tensors' sizes tell. */
  sizes(
    values: GgufValues,
    source: PartSource,
  ): KnownSizes<C> | Promise<KnownSizes<C>>;
  /** Tensors by the names of the family's templates. */
  tensors(tensors: TensorMap, sizes: C): TensorMap;
}

/** GGUF files of an architecture. */
export function ggufFile<C>(
  { architecture, sizes, tensors }: GgufReading<C>,
): DecoderFiles<C> {
  return {
    isOf: ({ metadata }) => metadata["general.architecture"] === architecture,
    sizes: (source) =>
      sizes(new GgufValues(source, `${architecture}.`), source),
    tensors,
  };
}

/** How the names of a family's tensors in GGUF files are spelled elsewhere. */
export interface GgufNames {
  /** Names of layers' tensors, after `blk.N.` and before `.weight`. */
  readonly layer: Readonly<Record<string, string>>;
  /** What stands before the number of a layer, e.g. `model.layers.`. */
  readonly layers: string;
  /** All other names. */
  readonly other: Readonly<Record<string, string>>;
}

/** A name of GGUF files as a model's templates spell it; unknown ones stay. */
export function nameFromGguf(name: string, names: GgufNames): string {
  const [, layer, inner, kind] =
    /^blk\.(\d+)\.(\w+)\.(weight|bias)$/.exec(name) ?? [];
  if (inner === undefined) {
    return Object.hasOwn(names.other, name) ? names.other[name]! : name;
  }
  return Object.hasOwn(names.layer, inner)
    ? `${names.layers}${layer}.${names.layer[inner]}.${kind}`
    : name;
}
