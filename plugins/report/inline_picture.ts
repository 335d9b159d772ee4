/**
 * Pictures as text that a page holds within itself.
 *
 * @module
 */

import type { ImageProcessor, Picture } from "../../models/slots.ts";
import type { Media } from "../../models/flamingo/media.ts";
import { compositeOnWhite } from "../image/composite.ts";
import { encodePng } from "../image/encode_png.ts";
import { readPicture } from "../image/read_picture.ts";
import { resize } from "../image/resize.ts";

/** Reads pictures for a page. */
export class PictureInliner {
  readonly #image: ImageProcessor | undefined;
  readonly #known = new Map<string, Promise<string>>();

  /** `image` tells what an encoder is shown, for maps. */
  constructor(image?: ImageProcessor) {
    this.#image = image;
  }

  /** A data URI, sides at most `px` pixels; a path is read once. */
  thumbnail(media: Media, px: number): Promise<string> {
    return this.#once(media, `${px}`, async () => {
      return inlinePng(shrunk(await this.#read(media), px));
    });
  }

  /** What the encoder is shown, as a square. */
  view(media: Media): Promise<string> {
    return this.#once(media, "view", async () => {
      const picture = await this.#read(media);
      const image = this.#image;
      return inlinePng(
        image?.view?.(picture) ?? squared(picture, image?.px ?? 224),
      );
    });
  }

  #read(media: Media): Promise<Picture> {
    if (typeof media === "object" && "data" in media) {
      return Promise.resolve(media);
    }
    return this.#image?.read(media) ?? readPicture(media);
  }

  #once(
    media: Media,
    kind: string,
    make: () => Promise<string>,
  ): Promise<string> {
    if (typeof media !== "string") return make();
    const key = `${kind}\n${media}`;
    const known = this.#known.get(key) ?? make();
    this.#known.set(key, known);
    return known;
  }
}

/** A map of cells as a small picture to lie over another: the more, the redder. */
export function inlineHeat(map: readonly number[], side: number): string {
  const most = Math.max(...map);
  const data = new Uint8Array(4 * map.length);
  map.forEach((value, i) => {
    const heat = most > 0 ? value / most : 0;
    data.set([255, 190 * (1 - heat), 0, 215 * heat], 4 * i);
  });
  return inlinePng({ width: side, height: map.length / side, data });
}

function inlinePng({ width, height, data }: Picture): string {
  const png = encodePng({ width, height, data: new Uint8Array(data) });
  return `data:image/png;base64,${png.toBase64()}`;
}

/** No side longer than `px`, on white. */
function shrunk(picture: Picture, px: number): Picture {
  const { width, height } = picture;
  const scale = Math.min(1, px / Math.max(width, height));
  return scaled(
    picture,
    Math.max(1, Math.round(width * scale)),
    Math.max(1, Math.round(height * scale)),
  );
}

function squared(picture: Picture, px: number): Picture {
  return scaled(picture, px, px);
}

function scaled(
  { width, height, data }: Picture,
  toWidth: number,
  toHeight: number,
): Picture {
  const flat = compositeOnWhite({ width, height, data: new Uint8Array(data) });
  const rgb = resize(flat, toWidth, toHeight, "bilinear");
  const out = new Uint8Array(4 * toWidth * toHeight).fill(255);
  for (let i = 0; i < toWidth * toHeight; i++) {
    out.set(rgb.data.subarray(3 * i, 3 * i + 3), 4 * i);
  }
  return { width: toWidth, height: toHeight, data: out };
}
