import assert from "node:assert/strict";
import { Misfits } from "../../plugins/misfits.ts";
import { stopTokens } from "../../plugins/token_marks.ts";
import { tokenizerFromFolder } from "../../plugins/tokenizer/from_folder.ts";

const FOLDER = new URL("../golden/tokenizer/tiny", import.meta.url).pathname;

Deno.test("stopTokens() finds texts of one token and reports all others", async () => {
  const tokenizer = await tokenizerFromFolder(FOLDER);
  const misfits = new Misfits();
  const one = tokenizer.decode([40]);
  assert.deepEqual(stopTokens([one], tokenizer, misfits), [40]);
  assert.equal(misfits.count, 0);
  stopTokens([one, "\u0411\u0411\u0411 long text"], tokenizer, misfits);
  assert.throws(
    () => misfits.throwIfAny("config", "assemble x"),
    /prompt\.stop\.1.*not one token/s,
  );
});
