import assert from "node:assert/strict";
import { join } from "node:path";
import { readFrames } from "../../../plugins/image/read_picture.ts";
import { isVideoContainer } from "../../../plugins/image/video_container.ts";

/** The beginning of an MP4 file; nothing after it is looked at here. */
const MP4 = new TextEncoder().encode(
  "\0\0\0\x20ftypisom\0\0\x02\0isomiso2mp41",
);

/** A stand-in for ffmpeg that notes its arguments and runs `script`. */
async function withFfmpeg(
  script: string,
  work: (paths: {
    readonly ffmpeg: string;
    readonly video: string;
    readonly args: string;
  }) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  const paths = {
    ffmpeg: join(folder, "ffmpeg"),
    video: join(folder, "clip.mp4"),
    args: join(folder, "args"),
  };
  try {
    await Deno.writeFile(paths.video, MP4);
    const text =
      `#!/bin/sh\nprintf '%s\\n' "$@" > '${paths.args}'\n${script}\n`;
    await Deno.writeTextFile(paths.ffmpeg, text, { mode: 0o755 });
    await work(paths);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readFrames() takes frames of a video file from ffmpeg", () =>
  withFfmpeg(
    "printf 'P6\\n2 1\\n255\\nabcdefP6\\n1 1\\n255\\nxyz'",
    async ({ ffmpeg, video, args }) => {
      const frames = await readFrames(video, 8, { rate: 2.5, ffmpeg });
      const [a, b, c, d, e, f, x, y, z] = new TextEncoder().encode("abcdefxyz");
      assert.deepEqual(frames, [
        {
          width: 2,
          height: 1,
          data: Uint8Array.of(a!, b!, c!, 255, d!, e!, f!, 255),
        },
        { width: 1, height: 1, data: Uint8Array.of(x!, y!, z!, 255) },
      ]);
      const given = (await Deno.readTextFile(args)).trimEnd().split("\n");
      const after = (name: string) => given[given.indexOf(name) + 1];
      assert.equal(after("-protocol_whitelist"), "pipe,file");
      assert.equal(after("-i"), `file:${video}`);
      assert.equal(after("-frames:v"), "8");
      assert.match(after("-vf")!, /^fps=2\.5,scale=/);
      assert.ok(given.includes("-nostdin"));
      assert.equal((await readFrames(MP4, 1, { ffmpeg })).length, 1);
    },
  ));

Deno.test("readFrames() tells what went wrong with ffmpeg", async () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ["echo 'moov atom not found' >&2; exit 1", /no frames.*moov atom/],
    ["printf 'P6\\n9 9\\n255\\nabc'", /no list of frames/],
    ["head -c 4000000 /dev/zero", /larger than they were asked/],
  ];
  for (const [script, message] of cases) {
    await withFfmpeg(script, async ({ ffmpeg, video }) => {
      await assert.rejects(readFrames(video, 1, { ffmpeg }), {
        code: "image",
        message,
      });
    });
  }
  await withFfmpeg("", async ({ video }) => {
    await assert.rejects(readFrames(video, 1, { ffmpeg: "/no/such/ffmpeg" }), {
      code: "image",
      message: /clip\.mp4.*needs the program.*apt-get install ffmpeg/,
    });
  });
});

Deno.test("isVideoContainer() knows videos from pictures", () => {
  const bytes = (text: string) =>
    Uint8Array.from(text, (letter) => letter.charCodeAt(0));
  const webp = (flags: number) =>
    bytes(`RIFF\0\0\0\0WEBPVP8X\n\0\0\0${String.fromCharCode(flags)}\0\0\0`);
  assert.ok(isVideoContainer(MP4));
  assert.ok(isVideoContainer(bytes("\x1a\x45\xdf\xa3…")));
  assert.ok(isVideoContainer(bytes("RIFF\0\0\0\0AVI LIST")));
  assert.ok(isVideoContainer(webp(2)));
  assert.ok(!isVideoContainer(webp(0x10)));
  assert.ok(!isVideoContainer(bytes("\0\0\0\x20ftypavif")));
  assert.ok(!isVideoContainer(bytes("GIF89a")));
  assert.ok(!isVideoContainer(new Uint8Array()));
});

const real = (Deno.env.get("PATH") ?? "").split(":").some((folder) => {
  try {
    return Deno.statSync(join(folder, "ffmpeg")).isFile;
  } catch {
    return false;
  }
});

Deno.test({
  name: "readFrames() reads a video of the real ffmpeg",
  ignore: !real,
  fn: async () => {
    const folder = await Deno.makeTempDir();
    try {
      const path = join(folder, "a.mkv");
      const source = "testsrc=duration=2:size=64x48:rate=10";
      const args = ["-f", "lavfi", "-i", source, "-c:v", "mjpeg", path];
      const made = await new Deno.Command("ffmpeg", { args }).output();
      assert.ok(made.success);
      const frames = await readFrames(path, 5, { rate: 2 });
      assert.ok(frames.length >= 4 && frames.length <= 5);
      assert.deepEqual([frames[0]!.width, frames[0]!.height], [64, 48]);
    } finally {
      await Deno.remove(folder, { recursive: true });
    }
  },
});
