/**
 * Hugging Face folders as a kind of files of a family of language models.
 *
 * @module
 */

import type { KnownSizes } from "./completed_sizes.ts";
import { ConfigJson } from "./config_json.ts";
import type { DecoderFiles } from "./decoder_part.ts";
import type { TensorMap } from "./plugin.ts";

/** How a family's folders are read. */
export interface FolderReading<C> {
  /** Sizes that a `config.json` tells. */
  sizes(json: ConfigJson): KnownSizes<C>;
  /** Tensors by the names of the family's templates. */
  tensors(tensors: TensorMap, sizes: C): TensorMap;
}

/** Everything that is no GGUF file, with or without `config.json`. */
export function hfFolder<C>(
  { sizes, tensors }: FolderReading<C>,
): DecoderFiles<C> {
  return {
    isOf: ({ metadata }) => metadata["general.architecture"] === undefined,
    async sizes({ path, json }) {
      const found = await json("config.json");
      return found === undefined ? {} : sizes(new ConfigJson(path, found));
    },
    tensors,
  };
}
