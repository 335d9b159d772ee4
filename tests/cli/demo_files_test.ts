import assert from "node:assert/strict";
import { drawContactSheet } from "../../cli/contact_sheet.ts";
import type { DemoReport, JudgedCaption } from "../../cli/demo_report.ts";
import { summaryOf } from "../../cli/demo_report.ts";
import { drawTexts } from "../../cli/draw_text.ts";
import { htmlPage } from "../../cli/html_page.ts";
import type { Picture } from "../../mod.ts";
import { decodeImage } from "../../plugins/image/decode_image.ts";

function caption(text: string, isRight: boolean): JudgedCaption {
  const ms = { image: 1, prefill: 2, decode: 3 };
  return { text, isRight, tokens: 2, logLikelihood: -1, ms };
}

const REPORT: DemoReport = {
  device: "a <device>",
  model: "tiny",
  pictures: [0, 1, 2, 3, 4].map((i) => ({
    path: `${i}.png`,
    label: `thing ${i}`,
    isTrained: i > 0,
    shots: [{ path: "shot.png", label: 'a "shot"' }],
    zeroShot: caption(`<b>${i}`, false),
    fourShot: caption(`thing ${i}`, true),
  })),
  word: {
    supports: [{ path: "s.png", label: "dax" }, {
      path: "t.png",
      label: "wug",
    }],
    query: { path: "q.webp", label: "dax" },
    written: caption("wug", false),
    ranking: [{ word: "dax", score: -0.5 }, { word: "wug", score: -1.25 }],
    isRight: true,
  },
  seconds: {
    device: 1,
    load: 2,
    firstCaption: 3,
    pictures: 4,
    prompts: 5,
    text: 6,
    total: 21.04,
  },
  tokensPerSecond: 7.5,
};

/** A red picture of 20 × 10, whatever is asked for. */
function redPicture(): Promise<Picture> {
  const data = new Uint8Array(20 * 10 * 4);
  for (let i = 0; i < data.length; i += 4) data.set([255, 0, 0, 255], i);
  return Promise.resolve({ width: 20, height: 10, data });
}

Deno.test("summaryOf() counts what is right and names the times", () => {
  const [scores, times] = summaryOf(REPORT);
  assert.match(scores, /^0 of 5 right with 0 shots, 5 with 4 shots/);
  assert.match(scores, /"dax" learnt$/);
  assert.match(
    times,
    /7\.5 tokens\/s.*first caption after 3\.0 s, total 21\.0 s/,
  );
});

Deno.test("drawContactSheet() makes a PNG with every picture on it", async () => {
  const asked: string[] = [];
  const png = await drawContactSheet(REPORT, (path) => {
    asked.push(path);
    return redPicture();
  });
  assert.equal(new Set(asked).size, 8);
  const { width, height, data } = await decodeImage(png, "sheet");
  let red = 0;
  for (let i = 0; i < data.length; i += 4) {
    if (data[i] === 255 && data[i + 1] === 0 && data[i + 2] === 0) red++;
  }
  assert.equal(red, 8 * 128 * 64); // scaled to 128 × 64 each
  assert.equal(width, 976);
  assert.equal(height, 76 + 3 * 232 + 24);
});

Deno.test("drawTexts() keeps texts apart, in their colour", async () => {
  const style = { size: 20, colour: 0x336699ff };
  const [low, high, empty] = await drawTexts(["gjpq", "a b", ""], style);
  const ink = ({ bitmap }: { bitmap: Uint8ClampedArray }) =>
    bitmap.filter((alpha, i) => i % 4 === 3 && alpha > 0).length;
  assert(ink(low!) > 50 && ink(high!) > 50);
  assert.equal(ink(empty!), 0);
  const { bitmap } = high!;
  const at = bitmap.findIndex((alpha, i) => i % 4 === 3 && alpha === 255) - 3;
  assert.deepEqual([...bitmap.subarray(at, at + 3)], [0x33, 0x66, 0x99]);
  // Nothing of the descenders above may reach into this line.
  const top = bitmap.subarray(0, 4 * high!.width * 2);
  assert(top.every((value, i) => i % 4 !== 3 || value === 0));
  assert.deepEqual(await drawTexts([], style), []);
  assert.equal((Deno as { core?: unknown }).core, undefined);
});

Deno.test("htmlPage() holds everything and escapes what models write", async () => {
  const bytes = new Uint8Array([1, 2, 3]);
  const page = await htmlPage(REPORT, () => Promise.resolve(bytes));
  assert(!page.includes("<b>"));
  assert(page.includes("&#60;b&#62;0"));
  assert(page.includes("a &#60;device&#62;"));
  assert(page.includes('alt="a &#34;shot&#34;"'));
  const sources = [...page.matchAll(/src="([^"]*)"/g)].map(([, source]) =>
    source!
  );
  assert.equal(sources.length, 5 * 2 + 3);
  const data = new Set(sources);
  assert.deepEqual(
    data,
    new Set([
      "data:image/png;base64,AQID",
      "data:image/webp;base64,AQID",
    ]),
  );
  assert(!/https?:|<script|<link/.test(page));
  assert.equal(page.match(/class="wrong"/g)?.length, 5 + 1);
  assert.equal(page.match(/class="right"/g)?.length, 5 + 1);
  assert.match(page, /prefers-color-scheme: dark/);
});
