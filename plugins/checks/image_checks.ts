/**
 * Checks of image processors: any picture becomes pixels of the stated size.
 *
 * @module
 */

import type { Picture } from "../../models/slots.ts";
import { madeValues } from "./made_values.ts";
import { type BuiltCase, mustBeCounts } from "./part_case.ts";
import { mustDiffer } from "./test_bench.ts";

/** Widths and heights: tiny, wide, tall, and one of everyday's. */
const SIZES = [[1, 1], [31, 7], [5, 40], [64, 48]] as const;

/** Checks pixels of made-up pictures, and of a file where one is given. */
export async function imageChecks(
  { value, subject, given, list }: BuiltCase<"image">,
): Promise<void> {
  const { px } = value;
  await list.check(subject, "pixels are [3, px, px]", () => {
    mustBeCounts({ px });
    for (const [width, height] of SIZES) {
      const picture = madePicture(width, height);
      mustBePixels(value.process(picture), px, `${width} × ${height}`);
    }
  });
  await list.check(subject, "same picture, same pixels", () => {
    const [one, again, other] = [
      madePicture(64, 48),
      madePicture(64, 48),
      madePicture(64, 48, "another"),
    ].map((picture) => value.process(picture)) as [
      Float32Array,
      Float32Array,
      Float32Array,
    ];
    if (!one.every((pixel, i) => pixel === again[i])) {
      throw new Error("two runs on one picture differ");
    }
    mustDiffer("two pictures have the same pixels", one, other);
  });
  const { file } = given;
  if (file === undefined) {
    return list.leaveOut(subject, "read(), as its case names no file");
  }
  await list.check(subject, "files become pictures", async () => {
    for (const source of [file, await Deno.readFile(file)]) {
      const { width, height, data } = await value.read(source);
      mustBeCounts({ width, height });
      if (data.length !== width * height * 4) {
        throw new Error(
          `${width} × ${height} pixels of RGBA have ${data.length} bytes`,
        );
      }
    }
  });
}

function mustBePixels(
  pixels: Float32Array,
  px: number,
  of: string,
): void {
  if (pixels.length !== 3 * px * px) {
    throw new Error(
      `a picture of ${of} gives ${pixels.length} numbers: 3 · ${px} · ${px} ` +
        "are wanted",
    );
  }
  const at = pixels.findIndex((pixel) => !Number.isFinite(pixel));
  if (at >= 0) throw new Error(`pixel ${at} of ${of} is ${pixels[at]}`);
}

function madePicture(width: number, height: number, name = "one"): Picture {
  const made = madeValues(`picture ${name}`, width * height * 4);
  const data = Uint8Array.from(
    made,
    (value, i) => i % 4 === 3 ? 255 : (value + 1) * 128,
  );
  return { width, height, data };
}
