import assert from "node:assert/strict";
import { bleu } from "../../../models/metrics/bleu.ts";
import { ciderD } from "../../../models/metrics/cider_d.ts";
import { ptbWords } from "../../../models/metrics/ptb_words.ts";
import { rougeL } from "../../../models/metrics/rouge_l.ts";
import golden from "../../golden/metrics/captions.json" with { type: "json" };

const CASES = golden.cases.map(({ candidate, references }) => ({
  candidate: ptbWords(candidate),
  references: references.map(ptbWords),
}));

function assertNear(
  actual: readonly number[],
  wanted: readonly number[],
): void {
  assert.equal(actual.length, wanted.length);
  for (const [i, value] of actual.entries()) {
    assert(Math.abs(value - wanted[i]!) < 1e-9, `${i}: ${value}, ${wanted[i]}`);
  }
}

Deno.test("ptbWords() splits as the reference's tokeniser does", () => {
  assert.equal(CASES.length, 200);
  for (const [i, { words }] of golden.cases.entries()) {
    const { candidate, references } = CASES[i]!;
    const own = [candidate, ...references].map((each) => each.join(" "));
    assert.deepEqual(own, words);
  }
});

Deno.test("bleu() equals pycocoevalcap on 200 captions", () => {
  const { score, each } = bleu(CASES);
  assertNear(score, golden.bleu);
  for (const [i, own] of each.entries()) assertNear(own, golden.cases[i]!.bleu);
});

Deno.test("rougeL() equals pycocoevalcap on 200 captions", () => {
  const { score, each } = rougeL(CASES);
  assertNear([score], [golden.rougeL]);
  assertNear(each, golden.cases.map((item) => item.rougeL));
});

Deno.test("ciderD() equals pycocoevalcap on 200 captions", () => {
  const { score, each } = ciderD(CASES);
  assertNear([score], [golden.ciderD]);
  assertNear(each, golden.cases.map((item) => item.ciderD));
});

Deno.test("ciderD() takes how rare words are from a corpus", () => {
  const own = CASES.slice(0, 3);
  const corpus = CASES.map(({ references }) => references);
  const { each } = ciderD(own, { corpus });
  assertNear(each, golden.cases.slice(0, 3).map((item) => item.ciderD));
  assert.notDeepEqual(each, ciderD(own).each);
});

Deno.test("caption metrics score nothing where nothing is said", () => {
  const cases = [
    { candidate: [], references: [["a", "dog"]] },
    { candidate: ["cat"], references: [["a", "dog"], []] },
  ];
  assert.equal(rougeL(cases).score, 0);
  assert.equal(ciderD(cases).score, 0);
  assert(bleu(cases).score.every((value) => value < 1e-6));
});

Deno.test("caption metrics refuse cases without references, by number", () => {
  const bad = [...CASES.slice(0, 2), { candidate: ["a"], references: [] }];
  assert.throws(() => ciderD(bad), /CIDEr-D: case 2 has no references/);
  assert.throws(() => bleu([]), /BLEU of nothing/);
});
