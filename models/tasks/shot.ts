/**
 * What a prompt's examples and its query are.
 *
 * @module
 */

import type { Media } from "../flamingo/media.ts";

/** An example: a picture with its text, or with a question and its answer. */
export type Shot =
  | { readonly image: Media; readonly text: string }
  | {
    readonly image: Media;
    readonly question: string;
    readonly answer: string;
  };

/** What is asked about a picture; without a question, a caption is wanted. */
export interface Query {
  /** The picture. */
  readonly image: Media;
  /** The question. */
  readonly question?: string;
}
