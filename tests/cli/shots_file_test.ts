import assert from "node:assert/strict";
import { join } from "node:path";
import { readShots } from "../../cli/shots_file.ts";

/** Writes a shots file beside an empty `a.png`; gives its path. */
async function shotsFile(folder: string, content: string): Promise<string> {
  await Deno.writeTextFile(join(folder, "a.png"), "");
  const path = join(folder, "shots.jsonl");
  await Deno.writeTextFile(path, content);
  return path;
}

async function withFolder(
  work: (folder: string) => Promise<void>,
): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await work(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("readShots() reads captions and answers, relative to the file", () =>
  withFolder(async (folder) => {
    const path = await shotsFile(
      folder,
      '{"image":"a.png","text":"a dog"}\n\n' +
        '{"image":"./a.png","question":"Is it?","answer":"yes"}\r\n',
    );
    const image = join(folder, "a.png");
    assert.deepEqual(await readShots(path), [
      { image, text: "a dog" },
      { image, question: "Is it?", answer: "yes" },
    ]);
  }));

Deno.test("readShots() gives none without a file", async () => {
  assert.deepEqual(await readShots(undefined), []);
});

const BAD: readonly (readonly [string, RegExp])[] = [
  ['{"image":"a.png","text":"x"}\n{', /shots\.jsonl:2 as its JSON is not/],
  ["[1]", /shots\.jsonl:1 as it is no JSON object/],
  ['{"image":"no.png","text":"x"}', /:1 as there is no picture "no\.png"/],
  ['{"image":3,"text":"x"}', /:1 as "image" is 3/],
  ['{"image":"a.png"}', /:1 as it has neither/],
  [
    '\n{"image":"a.png","text":"x","question":"q","answer":"a"}',
    /:2 as it has both/,
  ],
  ['{"image":"a.png","question":"q"}', /:1 as "answer" is undefined/],
  ['{"image":"a.png","text":" "}', /:1 as "text" is " "/],
  ['{"image":"a.png","txt":"x"}', /:1 as "txt" is unknown.*"text"/],
  ["\n\n", /holds no shots/],
];

for (const [content, message] of BAD) {
  Deno.test(`readShots() refuses ${JSON.stringify(content)}`, () =>
    withFolder(async (folder) => {
      const path = await shotsFile(folder, content);
      await assert.rejects(readShots(path), message);
    }));
}

Deno.test("readShots() names a file that is not there", async () => {
  await assert.rejects(readShots("none.jsonl"), /none\.jsonl.*no such file/);
});
