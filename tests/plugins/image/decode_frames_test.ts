import assert from "node:assert/strict";
import {
  decodeFrames,
  decodeImage,
} from "../../../plugins/image/decode_image.ts";
import { readFrames } from "../../../plugins/image/read_picture.ts";
import { fromBase64, readGolden, unpack } from "./golden.ts";

const golden = await readGolden<{
  width: number;
  height: number;
  frames: number;
  file: string;
  pixels: string;
}>("gif_frames.json");
const file = fromBase64(golden.file);
const size = golden.width * golden.height * 4;
const all = unpack(golden.pixels);
const wanted = Array.from(
  { length: golden.frames },
  (_, i) => all.slice(i * size, (i + 1) * size),
);

Deno.test("decodeFrames() gives a GIF's frames as they are seen", async () => {
  const frames = await decodeFrames(file, 100);
  assert.equal(frames.length, golden.frames);
  frames.forEach(({ width, height, data }, i) => {
    assert.deepEqual([width, height], [golden.width, golden.height]);
    assert.deepEqual(data, wanted[i], `frame ${i}`);
  });
  assert.deepEqual((await decodeImage(file)).data, wanted[0]);
});

Deno.test("readFrames() takes evenly spaced frames of a longer video", async () => {
  const taken = async (most: number) =>
    (await readFrames(file, most)).map(({ data }) =>
      wanted.findIndex((other) => other.every((byte, i) => byte === data[i]))
    );
  assert.deepEqual(await taken(4), [0, 2, 4, 6]);
  assert.deepEqual(await taken(3), [0, 3, 6]);
  assert.deepEqual(await taken(1), [0]);
  const path = await Deno.makeTempFile({ suffix: ".gif" });
  await Deno.writeFile(path, file);
  assert.equal((await readFrames(path, 100)).length, golden.frames);
  await Deno.remove(path);
});

Deno.test("decodeFrames() gives the one picture of a still file", async () => {
  const { cases } = await readGolden<{
    cases: { name: string; file: string }[];
  }>("decode.json");
  const png = fromBase64(
    cases.find(({ name }) => name.startsWith("png"))!.file,
  );
  assert.deepEqual(await decodeFrames(png, 5), [await decodeImage(png)]);
});

Deno.test("decodeFrames() refuses damage, by the frame's number", async () => {
  const most = golden.frames;
  await assert.rejects(
    decodeFrames(file.slice(0, -8), most, "a.gif"),
    /a\.gif.*cut short within its frame 7/,
  );
  await assert.rejects(
    decodeFrames(file, most, "a.gif", { maxPixels: 800 }),
    /its frames have 819 pixels in all: the limit is 800/,
  );
  // The left edge of frame 5, one pixel at 12, 8.
  const at = file.findIndex((_, i) =>
    [0x2c, 12, 0, 8, 0, 1, 0, 1, 0].every((byte, j) => file[i + j] === byte)
  );
  assert.ok(at > 0);
  const outside = file.slice();
  outside[at + 1] = 13;
  await assert.rejects(
    decodeFrames(outside, most, "a.gif"),
    /frame 5 reaches to 14 × 9: its canvas is 13 × 9/,
  );
});
