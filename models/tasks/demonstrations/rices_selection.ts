/**
 * RICES, retrieval-based in-context example selection (Yang et al., 2022, as
 * Flamingo uses it): the shots whose pictures are most like the query's.
 *
 * @module
 */

import { RookeryError } from "../../../core/errors.ts";
import type { FeatureSearch } from "./feature_search.ts";
import type { PictureEncoder } from "./picture_encoder.ts";
import { placesFor, type Selection } from "./selection.ts";

/** What pictures are compared by. */
export interface RicesParts {
  /** Makes a vector of a query's picture. */
  readonly encoder: PictureEncoder;
  /** Vectors of the pool, in its order, by the same encoder. */
  readonly search: FeatureSearch;
}

/** The nearest shots, the most similar first. */
export function ricesSelection({ encoder, search }: RicesParts): Selection {
  return {
    name: "rices",
    readsQuery: true,
    async choose(pool, request) {
      const places = placesFor(pool, request);
      const { query, count } = request;
      if (query === undefined || search.count !== pool.length) {
        throw new RookeryError(
          "usage",
          "Cannot choose by similarity as " +
            (query === undefined
              ? "there is no query: give the picture that is asked about"
              : `there are ${search.count} vectors for ${pool.length} ` +
                "demonstrations: give one for each, in their order"),
        );
      }
      const [vector] = await encoder.embed([query.image]);
      const found = await search.nearest(vector!, count, places);
      return found.map((each) => ({ ...each, shot: pool[each.place]! }));
    },
  };
}
