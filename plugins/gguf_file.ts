/**
 * GGUF files as a kind of files of a family of language models.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { StoredTensor } from "../core/stored_tensor.ts";
import { quoted } from "./cannot_read.ts";
import type { KnownSizes } from "./completed_sizes.ts";
import type { DecoderFiles } from "./decoder_part.ts";
import type { GgufValue } from "./gguf_value.ts";
import { GgufValues } from "./gguf_values.ts";
import type { GgufForm, PartSource } from "./plugin.ts";

/** How the names of a family's tensors in GGUF files are spelled elsewhere. */
export interface GgufNames {
  /** What stands before the number of a layer, e.g. `model.layers.`. */
  readonly layers: string;
  /** Names of layers' tensors, after `blk.N.` and before `.weight`. */
  readonly layer: Readonly<Record<string, string>>;
  /** All other names. */
  readonly other: Readonly<Record<string, string>>;
}

/** How a family's GGUF files are written; tensors' names are those read. */
export interface GgufWriting<C> {
  /**
   * What `GgufReading.sizes` reads, by its keys.
   *
   * @throws {RookeryError} `config` for sizes that the format has no place for
   */
  metadata(sizes: C): Readonly<Record<string, GgufValue>>;
  /**
   * A tensor of the templates as the file has it, by its name in the file: the
   * way back of `GgufReading.tensor`. Default: as it is.
   */
  tensor?(name: string, tensor: StoredTensor, sizes: C): StoredTensor;
  /** See `GgufForm.extra`. Default: none. */
  extra?(sizes: C): readonly StoredTensor[];
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
  /** How they are written. Default: they are not. */
  readonly writing?: GgufWriting<C>;
}

/**
 * Refuses sizes that the format has no place for, unless they are those that
 * its readers take.
 *
 * @throws {RookeryError} `config`, which names the first that differs
 */
export function checkPlaces<C extends object>(
  architecture: string,
  sizes: C,
  taken: Readonly<Partial<C>>,
): void {
  const keys = Object.keys(taken) as (keyof C & string)[];
  const other = keys.find((key) => sizes[key] !== taken[key]);
  if (other === undefined) return;
  throw new RookeryError(
    "config",
    `Cannot write a GGUF file of architecture ${architecture} as the ` +
      `model's ${other} is ${quoted(sizes[other])}: the format has no place ` +
      `for it and stands for ${quoted(taken[other])}, so write a folder`,
    { path: other, expected: taken[other], actual: sizes[other] },
  );
}

/** GGUF files of an architecture. */
export function ggufFile<C>(reading: GgufReading<C>): DecoderFiles<C> {
  const { architecture, names, writing } = reading;
  return {
    ...(writing === undefined ? {} : {
      form: (sizes: C) => formOf({ architecture, names }, writing, sizes),
    }),
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

function formOf<C>(
  { architecture, names }: Pick<GgufReading<C>, "architecture" | "names">,
  writing: GgufWriting<C>,
  sizes: C,
): GgufForm {
  return {
    architecture,
    metadata: new Map(Object.entries(writing.metadata(sizes))),
    extra: writing.extra?.(sizes) ?? [],
    tensor(template, stored) {
      const name = fileName(template, names);
      if (name === undefined) return undefined;
      const tensor = writing.tensor?.(name, stored, sizes) ?? stored;
      return { ...tensor, name };
    },
  };
}

/** The way back of `templateName`; undefined for an unknown name. */
function fileName(
  template: string,
  { layers, layer, other }: GgufNames,
): string | undefined {
  const keyOf = (names: Readonly<Record<string, string>>, value: string) =>
    Object.keys(names).find((key) => names[key] === value);
  const own = keyOf(other, template);
  if (own !== undefined || !template.startsWith(layers)) return own;
  const [, number, inner, kind] =
    /^(\d+)\.(.+)\.(weight|bias)$/.exec(template.slice(layers.length)) ?? [];
  const name = inner && keyOf(layer, inner);
  return name && `blk.${number}.${name}.${kind}`;
}
