import assert from "node:assert/strict";
import {
  blankPicture,
  blankScores,
  classify,
  createDevice,
  type Flamingo,
  type Media,
  type PromptItem,
} from "../../mod.ts";
import {
  tokenTrie,
  type TrieEdge,
} from "../../models/generation/token_trie.ts";
import { createRandom } from "../support/random.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

const ITEMS: PromptItem<Media>[] = [
  { image: tinyPicture(1) },
  { text: "one" },
  { endOfChunk: true },
  { image: tinyPicture(2) },
  { text: "It is" },
];

/** Words of few letters, so that many begin alike. */
function labelsOf(count: number): string[] {
  const random = createRandom(5);
  const labels = new Set<string>();
  while (labels.size < count) {
    const length = 1 + Math.floor(7 * random());
    labels.add(
      Array.from({ length }, () => "abc"[Math.floor(3 * random())]).join(""),
    );
  }
  return [...labels];
}

function nodesOf(edges: readonly TrieEdge[]): number {
  return edges.reduce(
    (n, { tokens, next }) => n + tokens.length + nodesOf(next),
    0,
  );
}

function leavesOf(edges: readonly TrieEdge[]): number {
  return edges.reduce((n, { next }) => n + (leavesOf(next) || 1), 0);
}

/** One label at a time, all tokens at once: the meaning of a score. */
async function naive(model: Flamingo, text: string): Promise<number> {
  const { engine, tokenizer, marks } = model;
  const targets = [...tokenizer.encode(text), marks!.endOfChunk];
  const { sequence, chunk } = await model.open(ITEMS);
  const fed = [...chunk.tokens, ...targets.slice(0, -1)];
  const media = [
    ...chunk.media,
    ...targets.slice(1).map(() => chunk.media.at(-1)!),
  ];
  const logits = await engine.logits(sequence, { tokens: fed, media });
  engine.close(sequence);
  const vocabulary = logits.length / fed.length;
  const first = chunk.tokens.length - 1;
  return targets.reduce((sum, target, i) => {
    const row = logits.subarray(
      (first + i) * vocabulary,
      (first + i + 1) * vocabulary,
    );
    const most = Math.max(...row);
    const all = row.reduce((total, value) => total + Math.exp(value - most), 0);
    return sum + row[target]! - most - Math.log(all);
  }, 0);
}

Deno.test("tokenTrie() holds every list once, with shared beginnings", () => {
  const lists = [[1, 2, 3], [1, 2], [1, 2, 4, 5], [6], [1, 2, 3]];
  assert.deepEqual(tokenTrie(lists), [
    {
      tokens: [1, 2],
      lists: [0, 1, 2, 4],
      next: [
        { tokens: [3], lists: [0, 4], next: [] },
        { tokens: [4, 5], lists: [2], next: [] },
      ],
    },
    { tokens: [6], lists: [3], next: [] },
  ]);
});

for (const device of ["auto", "cpu"] as const) {
  Deno.test(`scores of a trie equal those of one label at a time on ${device}`, async () => {
    using own = await createDevice({ device });
    using model = await tinyFlamingo(own);
    const labels = labelsOf(40);
    const scores = await model.score(ITEMS, labels);
    const checked = device === "cpu" ? 6 : 40;
    for (const [i, label] of labels.slice(0, checked).entries()) {
      const wanted = await naive(model, label);
      const { logLikelihood } = scores[i]!;
      assert.ok(Math.abs(logLikelihood - wanted) <= 1e-3, label);
    }
  });
}

Deno.test("300 labels feed the trie's tokens, alone and after a prefix, and give all pages back", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device, { engine: { prefixCacheBytes: 0 } });
  const { engine, tokenizer, marks } = model;
  const labels = labelsOf(300);
  let fed = 0;
  const score = engine.score.bind(engine);
  const nextLogits = engine.nextLogits.bind(engine);
  engine.nextLogits = (rows) => {
    fed += rows.length;
    return nextLogits(rows);
  };
  engine.score = (rows) => {
    fed += rows.reduce((sum, { chunk }) => sum + chunk.tokens.length, 0);
    return score(rows);
  };
  const all = await model.score(ITEMS, labels);
  const targets = labels.map((label) => [
    ...tokenizer.encode(label),
    marks!.endOfChunk,
  ]);
  const trie = tokenTrie(targets);
  // Only nodes with others after them; the ends of texts are none.
  assert.equal(fed, nodesOf(trie) - leavesOf(trie));
  assert.ok(fed < 0.3 * targets.flat().length, `${fed}`);
  Object.assign(engine, { score, nextLogits });
  {
    using prefix = await model.prefix(ITEMS.slice(0, 3));
    const after = await model.score(ITEMS.slice(3), labels, prefix);
    for (const [i, { logLikelihood }] of after.entries()) {
      assert.ok(Math.abs(logLikelihood - all[i]!.logLikelihood) <= 1e-3);
    }
  }
  const [alone] = await model.score(ITEMS, labels.slice(7, 8));
  assert.ok(Math.abs(alone!.logLikelihood - all[7]!.logLikelihood) <= 1e-3);
  // Programs take their memory once; a second run must take no more.
  const room = engine.room();
  await model.score(ITEMS, labels);
  assert.deepEqual(engine.room(), room);
});

Deno.test("classify() scores by sum, mean, or calibrated by a blank picture", async () => {
  using device = await createDevice();
  using model = await tinyFlamingo(device);
  const query = { image: tinyPicture(3) }, labels = ["ab", "abc", "x"];
  const [sum, mean, calibrated] = await Promise.all(
    (["sum", "mean", "calibrated"] as const).map((score) =>
      classify(model, query, labels, { score })
    ),
  );
  const blank = await classify(model, { image: blankPicture() }, labels);
  for (const label of labels) {
    // A token a letter, and the end mark.
    const tokens = label.length + 1;
    const of = mean!.scores[label]!;
    assert.ok(Math.abs(sum!.scores[label]! - of * tokens) < 1e-4);
    const wanted = of - blank.scores[label]!;
    assert.ok(Math.abs(calibrated!.scores[label]! - wanted) < 1e-4);
  }
  const known = await blankScores(model, {}, labels);
  const again = await classify(model, query, labels, {
    score: "calibrated",
    blank: known,
  });
  assert.equal(again.label, calibrated!.label);
});
