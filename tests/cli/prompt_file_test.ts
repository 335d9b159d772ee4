import assert from "node:assert/strict";
import { join } from "node:path";
import { readPrompt } from "../../cli/prompt_file.ts";

async function readText(content: string, folder: string) {
  await Deno.writeTextFile(join(folder, "a.png"), "");
  const path = join(folder, "prompt.json");
  await Deno.writeTextFile(path, content);
  return await readPrompt(path);
}

Deno.test("readPrompt() reads pictures, text and ends of chunks", async () => {
  const folder = await Deno.makeTempDir();
  const items = await readText(
    '[{"image":"a.png"},{"text":" a dog"},{"endOfChunk":true},{"text":""}]',
    folder,
  );
  assert.deepEqual(items, [
    { image: join(folder, "a.png") },
    { text: " a dog" },
    { endOfChunk: true },
    { text: "" },
  ]);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("readPrompt() reads videos as files and as frames", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(join(folder, "clip.gif"), "");
  const items = await readText(
    '[{"video":"clip.gif"},{"frames":["a.png","clip.gif"]}]',
    folder,
  );
  const [clip, a] = [join(folder, "clip.gif"), join(folder, "a.png")];
  assert.deepEqual(items, [{ video: clip }, { frames: [a, clip] }]);
  await Deno.remove(folder, { recursive: true });
});

const BAD: readonly (readonly [string, RegExp])[] = [
  ["[", /prompt\.json as its JSON is not valid/],
  ["{}", /as it is no list/],
  ["[]", /as it is no list/],
  ["[3]", /item 1, as it is no JSON object/],
  [
    '[{"text":"x"},{"image":"b.png"}]',
    /item 2, as there is no picture "b\.png"/,
  ],
  ['[{"text":3}]', /item 1, as "text" is 3/],
  ['[{"endOfChunk":false}]', /item 1, as "endOfChunk" must be true/],
  ['[{"text":"x","image":"a.png"}]', /item 1, as it has 2 keys/],
  ['[{"video":"clip.gif"}]', /item 1, as there is no video "clip\.gif"/],
  ['[{"video":3}]', /item 1, as "video" is 3: it must be a path/],
  ['[{"frames":["f0.png"]}]', /item 1, as there is no picture "f0\.png"/],
  ['[{"frames":[]}]', /item 1, as "frames" is \[\]: it must be a list/],
  ['[{"frames":[1]}]', /item 1, as "frames" is 1: it must be a path/],
  ['[{"txet":"x"}]', /item 1, as "txet" is unknown.*"text"/],
  ["[{}]", /item 1, as "" is unknown/],
];

for (const [content, message] of BAD) {
  Deno.test(`readPrompt() refuses ${content}`, async () => {
    const folder = await Deno.makeTempDir();
    await assert.rejects(readText(content, folder), message);
    await Deno.remove(folder, { recursive: true });
  });
}
