import assert from "node:assert/strict";
import { encodePng } from "../../plugins/image/encode_png.ts";
import { tinyPicture } from "../support/tiny_model.ts";
import { rookery } from "./recorded_output.ts";
import { tinyFolder } from "./tiny_folder.ts";

const CLIP = new URL("../golden/models/clip_largest", import.meta.url).pathname;

/** The tiny vocabulary has no small letters. */
const PLAIN = ["--label-template", "{label}"];

Deno.test("classify with a contrastive model reads labels as texts, or compares pictures", async () => {
  await using tiny = await tinyFolder();
  const config = tiny.path("clip.json");
  await Deno.writeTextFile(
    config,
    JSON.stringify({
      kind: "contrastive",
      schema: 1,
      vision: {
        part: "clip/vit",
        weights: CLIP,
        tokens: "all",
        postNorm: true,
      },
      text: { part: "clip/text", weights: CLIP },
      tokenizer: { part: "test/letters" },
    }),
  );
  for (let seed = 0; seed < 6; seed++) {
    const folder = tiny.path(`pool/${seed % 2 ? "AB" : "CD"}`);
    await Deno.mkdir(folder, { recursive: true });
    const { width, height, data } = tinyPicture(seed);
    const png = encodePng({ width, height, data: new Uint8Array(data) });
    await Deno.writeFile(`${folder}/${seed}.png`, png);
  }
  const [, , ...plugin] = tiny.model;
  const model = ["--model", config, ...plugin];
  const classify = async (...words: string[]) => {
    const text = words.includes("--label-template") ? [] : PLAIN;
    const all = ["classify", tiny.path("0.png"), ...words, ...text, ...model];
    const ran = await rookery(...all);
    assert.equal(ran.code, 0, ran.notes);
    return ran;
  };
  const scoresOf = ({ out }: { out: string }) => JSON.parse(out).scores;
  const texts = scoresOf(await classify("--labels", "AB,CD", "--json"));
  const sum = Object.values<number>(texts).map(Math.exp)
    .reduce((a, b) => a + b);
  assert.ok(Math.abs(sum - 1) < 1e-6);
  const template = ["--label-template", "!{label}"];
  const other = await classify("--labels", "AB,CD", "--json", ...template);
  assert.notDeepEqual(scoresOf(other), texts);
  const table = await classify("--labels", "AB,CD");
  assert.match(table.out, /1 +(AB|CD) +-\d/);
  const pool = ["--demonstrations", tiny.path("pool"), "--json"];
  assert.deepEqual(scoresOf(await classify(...pool)), { ...texts });
  const pictures = await classify(...pool, "--method", "prototypes");
  assert.ok(Object.values<number>(scoresOf(pictures)).every((v) => v > -1));
  const both = await classify(...pool, "--method", "both");
  assert.match(both.notes, /Of 6 examples left out, texts get \d+ % right/);
  const refused = await rookery(
    ...["classify", tiny.path("0.png"), ...pool, "--select", "rices", ...model],
  );
  assert.equal(refused.code, 2);
  assert.match(refused.notes, /--select as a contrastive model/);
  const flamingo = ["--labels", "a,b", ...template, ...tiny.model];
  const odd = await rookery("classify", tiny.path("0.png"), ...flamingo);
  assert.equal(odd.code, 2);
  assert.match(odd.notes, /--label-template as the model reads labels/);
});
