import assert from "node:assert/strict";
import { join } from "node:path";
import type { Tokenizer } from "../../../models/slots.ts";
import { openGguf } from "../../../plugins/gguf/reader.ts";
import { tokenizerFromFolder } from "../../../plugins/tokenizer/from_folder.ts";
import { tokenizerFromGguf } from "../../../plugins/tokenizer/from_gguf.ts";
import { goldenTokenizerPath, streamed } from "./golden_strings.ts";

/** What Python makes of the strings, by their place in the list. */
interface Golden {
  readonly plain: readonly (readonly number[])[];
  readonly special: Readonly<Record<string, readonly number[]>>;
  readonly decoded: Readonly<Record<string, string>>;
}

const { strings, ...kinds } = JSON.parse(
  Deno.readTextFileSync(goldenTokenizerPath("kinds/kinds.json")),
) as { strings: readonly string[] } & Readonly<Record<string, Golden>>;

function check(
  tokenizer: Tokenizer,
  name: string,
  isChecked: (text: string) => boolean = () => true,
): void {
  const { plain, special, decoded } = kinds[name] as Golden;
  assert.ok(strings.length >= 150 && plain.length === strings.length);
  for (const [i, text] of strings.entries()) {
    if (!isChecked(text)) continue;
    const shown = `${name}: ${JSON.stringify(text)}`;
    const ids = plain[i]!;
    assert.deepEqual(tokenizer.encode(text), ids, shown);
    const parsed = tokenizer.encode(text, { special: true });
    assert.deepEqual(parsed, special[i] ?? ids, shown);
    const expected = decoded[i] ?? text;
    assert.equal(tokenizer.decode(ids), expected, shown);
    assert.equal(streamed(tokenizer, ids), expected, shown);
  }
}

for (const name of Object.keys(kinds)) {
  Deno.test(`tokenizerFromFolder() agrees with Python on ${name}`, async () => {
    const path = goldenTokenizerPath(`kinds/${name}`);
    check(await tokenizerFromFolder(path), name);
  });
}

Deno.test("tokenizerFromGguf() agrees with sentencepiece", async () => {
  const path = goldenTokenizerPath("kinds/spm.gguf");
  using checkpoint = await openGguf(path);
  check(tokenizerFromGguf(path, checkpoint.metadata), "spm");
});

Deno.test("tokenizerFromFolder() puts a space before the first text only where the folder says so", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const name = "tokenizer.model";
    const model = goldenTokenizerPath(`kinds/spm/${name}`);
    await Deno.copyFile(model, join(folder, name));
    const config = join(folder, "tokenizer_config.json");
    await Deno.writeTextFile(config, `{"legacy":false}`);
    // That piece is always cut out here, and a special token there.
    const isChecked = (text: string) => !text.includes("<image>");
    check(await tokenizerFromFolder(folder), "llama_first", isChecked);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
