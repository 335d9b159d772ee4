/**
 * Parts that are language models with a vocabulary of their own: what the
 * families have in common, from sizes in files to a head that is resized.
 *
 * @module
 */

import { RookeryError } from "../core/errors.ts";
import type { LanguageModel } from "../models/slots.ts";
import { completedSizes, type KnownSizes } from "./completed_sizes.ts";
import { resizedRows } from "./derived_tensor.ts";
import type { JsonObject } from "./json_file.ts";
import {
  definePart,
  type GgufForm,
  type Part,
  type PartContext,
  type PartSource,
  type TensorMap,
} from "./plugin.ts";
import { objectOf, type Schema } from "./schema.ts";

/** Sizes that every family has. */
export interface DecoderSizes {
  /** Rows of the embedding. */
  readonly vocabulary: number;
  /** Whether the head is the embedding. */
  readonly isTied: boolean;
}

/** How a kind of files holds models of a family. */
export interface DecoderFiles<C> {
  /** Whether a source, or a file of tensors, is of this kind. */
  isOf(source: Pick<PartSource, "metadata">): boolean;
  /** What it tells of the sizes. */
  sizes(source: PartSource): KnownSizes<C> | Promise<KnownSizes<C>>;
  /** Its tensors by the names of the family's templates; see `Part.weights`. */
  tensors(tensors: TensorMap, sizes: C): TensorMap;
  /** How a GGUF file holds a model; left out by all but GGUF files. */
  form?(sizes: C): GgufForm;
}

/** A family of language models. */
export interface DecoderFamily<C extends DecoderSizes> {
  /** Name of the part in configs. */
  readonly name: string;
  /** See `Part.modelTypes`. */
  readonly modelTypes: readonly string[];
  /** Checks of all sizes, each optional, as a config's section gives them. */
  readonly fields: { readonly [K in keyof C]: Schema<C[K] | undefined> };
  /** Kinds of files, the first that fits is taken; others tell nothing. */
  readonly files: readonly DecoderFiles<C>[];
  /** Sizes that neither config nor files need to say, given the others. */
  usual(known: KnownSizes<C>): KnownSizes<C>;
  /** Why a model of such sizes cannot be; undefined where it can. */
  faultOf(sizes: C): string | undefined;
  /** The architecture. */
  model(sizes: C): LanguageModel;
  /** Template names of the embedding's weight and of the untied head's. */
  readonly names: { readonly embedding: string; readonly head: string };
}

/**
 * The part of a family. Sizes of the config's section win over those of files.
 * An embedding that is handed in wins over both and sets the vocabulary; an
 * untied head is then cut or grown to it.
 */
export function decoderPart<C extends DecoderSizes>(
  family: DecoderFamily<C>,
): Part<"language"> {
  const { name, modelTypes, fields, names } = family;
  const written = family.files.find(({ form }) => form !== undefined);
  return definePart<"language", GivenSizes<C>>({
    slot: "language",
    name,
    modelTypes,
    schema: objectOf(fields) as unknown as Schema<GivenSizes<C>>,
    async build(config, context) {
      return family.model(await sizesOf(family, config, context));
    },
    async weights(checkpoint, config, context) {
      const sizes = await sizesOf(family, config, context);
      // A bridge's tensors need not be of the kind that the part's own are.
      const kind = filesOf(family, checkpoint);
      const own = kind?.tensors(checkpoint.tensors, sizes) ??
        checkpoint.tensors;
      const head = own.get(names.head);
      if (!head || !context.overrides.has(names.embedding)) return own;
      const resized = resizedRows(head, sizes.vocabulary);
      return new Map([...own, [names.head, resized]]);
    },
    async section(config, context) {
      return jsonOf(await sizesOf(family, config, context));
    },
    ...(written === undefined ? {} : {
      async gguf(config, context) {
        return written.form!(await sizesOf(family, config, context));
      },
    }),
  });
}

/** Sizes as JSON has them: infinite ones are what is usual. */
function jsonOf(sizes: object): JsonObject {
  const kept = Object.entries(sizes).filter(([, size]) =>
    typeof size !== "number" || Number.isFinite(size)
  );
  return JSON.parse(JSON.stringify(Object.fromEntries(kept)));
}

/** Sizes as a config gives them. */
type GivenSizes<C> = { readonly [K in keyof C]: C[K] | undefined };

function filesOf<C extends DecoderSizes>(
  { files }: DecoderFamily<C>,
  source: Pick<PartSource, "metadata">,
): DecoderFiles<C> | undefined {
  return files.find((each) => each.isOf(source));
}

async function sizesOf<C extends DecoderSizes>(
  family: DecoderFamily<C>,
  config: GivenSizes<C>,
  context: PartContext,
): Promise<C> {
  const { source } = context;
  const found = source && await filesOf(family, source)?.sizes(source) || {};
  const rows = context.overrides.get(family.names.embedding)?.[0];
  const given = rows === undefined ? config : { ...config, vocabulary: rows };
  const known = { ...found, ...onlyGiven(given) };
  const usual = family.usual(known);
  const sizes = completedSizes<C>(family.name, { given, found, usual });
  const fault = family.faultOf(sizes);
  if (fault === undefined) return sizes;
  throw new RookeryError(
    "config",
    `Cannot build ${family.name} as ${fault}`,
    { path: "language", actual: sizes },
  );
}

function onlyGiven<C>(sizes: GivenSizes<C>): KnownSizes<C> {
  const entries = Object.entries(sizes).filter(([, size]) =>
    size !== undefined
  );
  return Object.fromEntries(entries) as KnownSizes<C>;
}
