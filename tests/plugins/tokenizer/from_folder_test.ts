import assert from "node:assert/strict";
import { join } from "node:path";
import { tokenizerFromFolder } from "../../../plugins/tokenizer/from_folder.ts";
import { checkGoldenStrings, goldenTokenizerPath } from "./golden_strings.ts";

Deno.test("tokenizerFromFolder() agrees with Python on a small vocabulary", async () => {
  const tokenizer = await tokenizerFromFolder(goldenTokenizerPath("tiny"));
  checkGoldenStrings(tokenizer, "tiny");
  assert.equal(tokenizer.bos, 1);
  assert.equal(tokenizer.eos, 2);
});

/** Error of opening a folder with the given files. */
async function refusal(
  files: Readonly<Record<string, string>>,
): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) {
    await Deno.writeTextFile(join(folder, name), text);
  }
  try {
    const tokenizer = await tokenizerFromFolder(folder);
    return `none, and bos is ${tokenizer.bos}`;
  } catch (error) {
    assert.ok(error instanceof Error && error.message.includes(folder));
    return error.message;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

Deno.test("tokenizerFromFolder() needs no tokenizer_config.json", async () => {
  const json = await Deno.readTextFile(
    goldenTokenizerPath("tiny/tokenizer.json"),
  );
  const files = { "tokenizer.json": json };
  assert.equal(await refusal(files), "none, and bos is undefined");
  assert.match(
    await refusal({
      ...files,
      "tokenizer_config.json": `{"bos_token":"<none>"}`,
    }),
    /names the token "<none>"/,
  );
});

Deno.test("tokenizerFromFolder() refuses folders without a tokenizer", async () => {
  assert.match(await refusal({}), /it has no tokenizer: neither tokenizer.js/);
  assert.match(await refusal({ "tokenizer.json": "[" }), /JSON is not valid/);
  assert.match(await refusal({ "tokenizer.json": "{}" }), /cannot be built/);
});
