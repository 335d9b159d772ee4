import assert from "node:assert/strict";
import {
  assemble,
  createDevice,
  type Flamingo,
  scoreAfter,
  type Sequence,
} from "../../mod.ts";
import { type FlamingoRow, goldenPath, readRows } from "./flamingo_rows.ts";

/** Tokens at the end of each row whose likelihood is asked. */
const SCORED = 3;

/** Log-likelihoods by the reference's logits: of what is there, and of others. */
function wanted({ tokens, logits }: FlamingoRow, targets: readonly number[]) {
  const vocabulary = logits.length / tokens.length;
  const first = tokens.length - SCORED - 1;
  return targets.map((target, i) => {
    const at = (first + i) * vocabulary;
    const row = logits.subarray(at, at + vocabulary);
    const most = Math.max(...row);
    const all = row.reduce((sum, value) => sum + Math.exp(value - most), 0);
    return row[target]! - most - Math.log(all);
  });
}

/** A row up to the tokens that are scored, in a sequence of its own. */
async function opened(
  { engine }: Flamingo,
  { tokens, media, pixels }: FlamingoRow,
): Promise<Sequence> {
  const sequence = engine.open();
  await engine.addPictures(sequence, pixels);
  const end = tokens.length - SCORED - 1;
  const chunk = { tokens: tokens.slice(0, end), media: media.slice(0, end) };
  await engine.step([{ sequence, chunk, draws: 0 }]);
  return sequence;
}

for (const name of ["mpt", "gpt_neox", "llama"]) {
  Deno.test(`likelihoods equal the reference's alone, in a batch and after a shared past: ${name}`, async () => {
    using device = await createDevice();
    using model = await assemble(goldenPath(`open_flamingo/${name}.json`), {
      device,
    });
    const { engine } = model;
    const rows = (await readRows({
      model: "",
      inputs: "open_flamingo/inputs.safetensors",
      outputs: `open_flamingo/${name}.safetensors`,
    }, model)).filter(({ tokens }) => tokens.length > SCORED + 1);
    assert.ok(rows.length > 1);
    const near = (own: number, golden: number) =>
      assert.ok(Math.abs(own - golden) <= 1e-3, `${own}, not ${golden}`);
    const together: { sequence: Sequence; row: FlamingoRow }[] = [];
    for (const row of rows) {
      const { tokens, media } = row;
      const targets = tokens.slice(-SCORED);
      const golden = wanted(row, targets);
      const past = await opened(model, row);
      const shared = await engine.fork(past);
      together.push({ sequence: await engine.fork(past), row });
      const at = tokens.length - SCORED - 1;
      const last = { tokens: [tokens[at]!], media: [media[at]!] };
      // What a row shows to its later tokens must not change among them.
      const isSame = media.slice(at).every((ordinal) => ordinal === media[at]);
      if (isSame) {
        const others = [[targets[0]!], [...targets.slice(0, 2)], targets];
        const sums = await scoreAfter(engine, shared, last, others);
        others.forEach((list, i) =>
          near(sums[i]!, golden.slice(0, list.length).reduce((a, b) => a + b))
        );
      }
      const chunk = {
        tokens: tokens.slice(at, -1),
        media: media.slice(at, -1),
      };
      const [alone] = await engine.score([{ sequence: past, chunk, targets }]);
      golden.forEach((value, i) => near(alone![i]!, value));
      engine.close(past);
      engine.close(shared);
    }
    const batch = together.map(({ sequence, row: { tokens, media } }) => {
      const at = tokens.length - SCORED - 1;
      return {
        sequence,
        chunk: { tokens: tokens.slice(at, -1), media: media.slice(at, -1) },
        targets: tokens.slice(-SCORED),
      };
    });
    const scores = await engine.score(batch);
    for (const [i, { sequence, row }] of together.entries()) {
      wanted(row, row.tokens.slice(-SCORED))
        .forEach((value, at) => near(scores[i]![at]!, value));
      engine.close(sequence);
    }
  });
}
