/**
 * What is evaluated, as the tests see it: something that writes a text about a
 * picture and ranks texts.
 *
 * @module
 */

/** An example: a picture file, its text, and the question it answers. */
export interface Example {
  /** Path of the picture. */
  readonly image: string;
  /** The bare text. */
  readonly text: string;
}

/** A picture to write about. */
export interface WriteRequest {
  /** Examples that come first. */
  readonly examples: readonly Example[];
  /** Path of the picture. */
  readonly image: string;
  /** A question about it; a caption is wanted without one. */
  readonly question?: string;
}

/** Texts to rank, for each of some pictures after the same examples. */
export interface RankRequest {
  /** Examples that come first. */
  readonly examples: readonly Example[];
  /** Paths of the pictures. */
  readonly images: readonly string[];
  /** A question about them; captions are ranked without one. */
  readonly question?: string;
  /** The texts. */
  readonly choices: readonly string[];
}

/** A model under evaluation. */
export interface Subject {
  /** The likeliest text of each request, word by word. */
  write(requests: readonly WriteRequest[]): Promise<string[]>;
  /**
   * Mean log-likelihood a token, the end mark included, [request][image][choice].
   */
  rank(requests: readonly RankRequest[]): Promise<number[][][]>;
  /** Encoder features of pictures, meaned over positions: [picture][d]. */
  features(paths: readonly string[]): Promise<Float32Array[]>;
}
