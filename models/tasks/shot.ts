/**
 * What a prompt's examples and its query are.
 *
 * @module
 */

import type { Media } from "../flamingo/media.ts";
import type { VideoOptions } from "../flamingo/prompt.ts";

/** An example: a picture with its text, or with a question and its answer. */
export type Shot =
  & {
    /** The picture, or the video's file. */
    readonly image: Media;
    /** Given for a video. */
    readonly video?: VideoOptions;
  }
  & ({ readonly text: string } | {
    readonly question: string;
    readonly answer: string;
  });

/** What is asked about a picture; without a question, a caption is wanted. */
export interface Query {
  /** The picture, or the video's file. */
  readonly image: Media;
  /** Given for a video. */
  readonly video?: VideoOptions;
  /** The question. */
  readonly question?: string;
}
