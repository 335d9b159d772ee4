/**
 * Tables of what was measured: `docs/accuracy.md` and README's table.
 *
 * @module
 */

import { type AccuracyFamily, CASES, FAMILIES, keyOf } from "./cases.ts";
import type { Accuracy, Mode } from "./measure_case.ts";
import type { CaptionAccuracy } from "./measure_captions.ts";
import type { AccuracyResults } from "./results.ts";
import type { ToldAccuracy } from "./told.ts";

/** README's table: what loads, how right it is, in which precisions. */
export function familyTable(results: AccuracyResults): string {
  const rows = FAMILIES.map((family) => {
    const of = (mode: Mode) => measuresOf(results, family, mode);
    const wrong = of("f32").some(({ top1 }) => top1 !== undefined && top1 < 1);
    const worst = power(most(of("f32"), "maxDifference"));
    const tokens = of("f32").some(({ top1 }) => top1 !== undefined);
    const same = !tokens
      ? ""
      : wrong
      ? ", likeliest token differs"
      : ", same tokens";
    return [
      family.name,
      family.loads,
      `${worst}${same} (${family.reference})`,
      `f32, f16 (${percent(most(of("f16"), "relative"))}), q8_0, q4_1, q4_0`,
    ];
  });
  return table(
    ["family", "loads", "largest difference in f32", "precisions"],
    rows,
  );
}

/** The whole of `docs/accuracy.md`. */
export function accuracyDocument(results: AccuracyResults): string {
  const devices = Object.keys(results.devices);
  return `# Accuracy

Made by \`deno task accuracy\` from golden data that PyTorch wrote (\`tests/golden/models\`): tiny random models in the
published file formats, with padded rows, odd sizes and large weights, so that faults show. Where transformers has no such model, the
reference is written in PyTorch from the formulas and lies beside the data. Devices: ${
    devices.join("; ")
  }.

## Parity in f32

Largest difference of any logit or feature from the reference's, over all shapes of a family and in parts of the results' range, by device.
The likeliest token is compared at every position.

${parityTable(results)}

## Halves and quantised weights

Tiny random models, so these are upper bounds: their weights are drawn at random and nothing averages out. \`f16\` keeps weights *and* the
values between layers as halves; \`q8_0\` and \`q4_1\` are of all matrices, embedding and head too. Share of positions with the same
likeliest token, and change of the mean negative log-likelihood (nats a token) of the golden text.

${precisionTable(results)}

## A real model on real text

SmolLM2-135M-Instruct, whose published weights are Q4_1 with a Q8_0 embedding: the first row is those values in f32, and that format's own
row says only that its kernels compute the same. ${
    results.text[0]?.tokens ?? 0
  } tokens of nine kinds of English prose (Brown corpus, windows of 256 tokens).
${CHANGES}

${toldTable(results.text)}
${captionSection(results)}`;
}

/** What the columns of both tables mean. */
const CHANGES =
  "ΔNLL is the change of the mean negative log-likelihood in nats a token, with " +
  "its 95 % interval;\n*same token* is the share of places where the likeliest " +
  "token is that of f32.";

function captionSection({ captions = [] }: AccuracyResults): string {
  if (captions.length === 0) return "";
  const { pictures, tokens } = captions[0]!;
  return `
## The default model on pictures

rookery-small, all parts in the format: ${tokens} tokens of the right captions of ${pictures} pictures, each given its picture, and the captions
that it writes itself, to the letter those of f32. The pictures are those of \`docs/evaluation.md\`: trained concepts in a style that training
never saw, then drawings that it did see.

${
    toldTable(captions, (row) => {
      const { sameCaptions } = row as CaptionAccuracy;
      return [`${sameCaptions} of ${pictures}`];
    })
  }
`;
}

function measuresOf(
  { devices }: AccuracyResults,
  { name }: AccuracyFamily,
  mode: Mode,
  only?: string,
): Accuracy[] {
  const keys = CASES.filter(({ family }) => family === name).map(keyOf);
  return Object.entries(devices)
    .filter(([device]) => only === undefined || device === only)
    .flatMap(([, results]) => keys.map((key) => results[key]?.[mode]))
    .filter((each) => each !== undefined);
}

function parityTable(results: AccuracyResults): string {
  const devices = Object.keys(results.devices);
  const rows = FAMILIES.map((family) => [
    family.name,
    family.reference,
    ...devices.map((device) => {
      const found = measuresOf(results, family, "f32", device);
      if (found.length === 0) return "not measured";
      const worst = most(found, "maxDifference");
      return `${power(worst)} (${power(most(found, "relative"))} of the range)`;
    }),
    tokensCell(measuresOf(results, family, "f32")),
  ]);
  return table(["family", "reference", ...devices, "same token"], rows);
}

function precisionTable(results: AccuracyResults): string {
  const modes: readonly Mode[] = ["f16", "q8_0", "q4_1"];
  const rows = FAMILIES.map((family) => [
    family.name,
    ...modes.flatMap((mode) => {
      const found = measuresOf(results, family, mode);
      const changes = found.flatMap(({ deltaNll }) => deltaNll ?? []);
      const change = changes.length === 0
        ? ""
        : `, ${(changes.reduce((a, b) => a + b) / changes.length).toFixed(4)}`;
      return [
        percent(most(found, "relative")),
        `${tokensCell(found)}${change}`,
      ];
    }),
  ]);
  const head = modes.flatMap((mode) => [`${mode} off`, "tokens, ΔNLL"]);
  return table(["family", ...head], rows);
}

function toldTable(
  rows: readonly ToldAccuracy[],
  more?: (row: ToldAccuracy) => string[],
): string {
  const cells = rows.map((row) => [
    row.name,
    row.nll.toFixed(3),
    row.deltaNll.toFixed(5) +
    (row.margin === undefined ? "" : ` ± ${row.margin.toFixed(5)}`),
    percent(row.top1),
    ...more?.(row) ?? [],
  ]);
  const head = ["weights", "NLL", "ΔNLL", "same token"];
  return table([...head, ...more ? ["same caption"] : []], cells);
}

function tokensCell(found: readonly Accuracy[]): string {
  const shares = found.flatMap(({ top1 }) => top1 ?? []);
  if (shares.length === 0) return "–";
  return percent(shares.reduce((a, b) => a + b) / shares.length);
}

function most(
  found: readonly Accuracy[],
  key: "maxDifference" | "relative",
): number {
  return Math.max(0, ...found.map((each) => each[key]));
}

function power(value: number): string {
  return value.toExponential(0).replace("e-", "e−");
}

function percent(share: number): string {
  return `${Number((100 * share).toPrecision(4))} %`;
}

function table(
  head: readonly string[],
  rows: readonly (readonly string[])[],
): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(" | ")} |`;
  return [line(head), line(head.map(() => "---")), ...rows.map(line)].join(
    "\n",
  );
}
