import assert from "node:assert/strict";
import { createDevice, evaluate, evaluateOn, leaf } from "../../core/mod.ts";
import {
  type ControlFields,
  controlWidth,
  readControlRow,
} from "../../ops/control_row.ts";
import { sample } from "../../ops/sample.ts";
import { checkOp, type OpCase } from "../support/check_op.ts";
import { controlOperand, controlRows } from "../support/control_rows.ts";

/** Rows with the same settings and seeds of their own. */
function seeded(
  count: number,
  fields: ControlFields,
  start = 0,
): ControlFields[] {
  return Array.from(
    { length: count },
    (_, i) => ({ count: 1, limit: 9, seed: start + i, ...fields }),
  );
}

function rows(
  vocabulary: number,
  fields: readonly ControlFields[],
): OpCase<object> {
  const control = controlOperand(fields, vocabulary);
  // Half precision moves the borders of what draws may choose from.
  const f16 = fields.every(({ temperature = 0 }) => temperature === 0);
  return { inputs: [control, [fields.length, vocabulary]], f16 };
}

checkOp(sample, {
  cases: [
    rows(1, seeded(2, {})),
    rows(40, [
      { count: 3, position: 7, limit: 2 },
      { count: 1, isDone: true, limit: 2 },
      { count: 0, limit: 2 },
      { count: 1, limit: 1 },
      { count: 1, limit: 99, drawn: 65, seen: [0, 31, 32, 39], penalty: 3 },
      { count: 1, limit: 9, banned: Array.from({ length: 39 }, (_, i) => i) },
      { count: 1, limit: 9, banned: Array.from({ length: 40 }, (_, i) => i) },
    ]),
    rows(1001, seeded(3, { temperature: 1.4, seen: [4], penalty: 2 })),
    rows(63, seeded(40, { temperature: 1, topK: 5, banned: [3, 62] })),
    rows(64, seeded(40, { temperature: 0.7, topP: 0.6 })),
    rows(65, seeded(40, { temperature: 2, minP: 0.3 })),
    rows(
      300,
      seeded(40, { temperature: 0.8, topK: 40, topP: 0.9, minP: 0.02 }),
    ),
  ],
  // Everything is equal but the last bits of log-likelihoods, as integers.
  tolerance: 1e-6,
  goldenTolerance: 2e-7,
  bad: [{
    inputs: [{ dtype: "u32", shape: [2, 154] }, [2, 33]],
    message: /sample.*words of a control row must be 156: it is 154/,
  }, {
    inputs: [{ dtype: "u32", shape: [1, 154] }, [2, 32]],
    message: /sample.*control rows must be 2: it is 1/,
  }],
});

/** Tokens that rows with seeds of their own draw from the same logits. */
async function drawOnDevice(
  logits: readonly number[],
  fields: readonly ControlFields[],
): Promise<number[]> {
  const b = fields.length, v = logits.length, words = controlWidth(v);
  const control = leaf("state", "control", { dtype: "u32", shape: [b, words] });
  const x = leaf("input", "logits", { dtype: "f32", shape: [b, v] });
  const values = Float32Array.from({ length: b * v }, (_, i) => logits[i % v]!);
  const leafValues = (tensor: typeof x) =>
    tensor === x ? values : controlRows(fields, v);
  using device = await createDevice();
  const outputs = [sample(control, x)];
  const [onDevice] = await evaluateOn(device, outputs, leafValues);
  const [meant] = evaluate(outputs, leafValues);
  const tokens = [onDevice!, meant!].map((all) =>
    fields.map((_, i) =>
      readControlRow(
        all.slice(i * words, (i + 1) * words) as Uint32Array<ArrayBuffer>,
      ).token
    )
  );
  assert.deepEqual(tokens[0], tokens[1], "device and meaning draw alike");
  return tokens[0]!;
}

/**
 * Pearson's statistic and a bound that one in about ten thousand samples of
 * the right distribution passes (Wilson and Hilferty, 1931).
 */
function chiSquare(
  tokens: readonly number[],
  chances: readonly number[],
): { readonly statistic: number; readonly bound: number } {
  const counts = new Array<number>(chances.length).fill(0);
  for (const token of tokens) counts[token]!++;
  let statistic = 0, freedom = -1;
  let rareCount = 0, rareExpected = 0;
  chances.forEach((chance, token) => {
    const expected = chance * tokens.length;
    if (expected >= 5) {
      statistic += (counts[token]! - expected) ** 2 / expected;
      freedom++;
    } else {
      rareCount += counts[token]!;
      rareExpected += expected;
    }
  });
  if (rareExpected > 0) {
    statistic += (rareCount - rareExpected) ** 2 / rareExpected;
    freedom++;
  }
  const a = 2 / (9 * Math.max(1, freedom));
  return {
    statistic,
    bound: Math.max(1, freedom) * (1 - a + 3.72 * Math.sqrt(a)) ** 3,
  };
}

interface LimitCase {
  readonly name: string;
  readonly fields: ControlFields;
  readonly logits: readonly number[];
  readonly chances: readonly number[];
}

const limits = JSON.parse(
  Deno.readTextFileSync(
    new URL("../golden/ops/sample_limits.json", import.meta.url),
  ),
) as { readonly cases: readonly LimitCase[] };

Deno.test("sample() draws what transformers' processors leave, as often", async () => {
  for (const { name, fields, logits, chances } of limits.cases) {
    const tokens = await drawOnDevice(logits, seeded(3000, fields));
    const foreign = tokens.filter((token) => chances[token] === 0);
    assert.deepEqual(foreign, [], `${name}: tokens that are ruled out`);
    const { statistic, bound } = chiSquare(tokens, chances);
    assert(statistic < bound, `${name}: chi-square ${statistic} > ${bound}`);
  }
});

Deno.test("sample() draws afresh at every step of one seed", async () => {
  const logits = [0, 0.5, 1, -1, 0, 2, 0.3];
  const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
  const fields = Array.from({ length: 3000 }, (_, drawn) => ({
    count: 1,
    limit: 5000,
    seed: 1234,
    temperature: 1,
    drawn,
  }));
  const tokens = await drawOnDevice(logits, fields);
  const chances = logits.map((x) => Math.exp(x) / total);
  const { statistic, bound } = chiSquare(tokens, chances);
  assert(statistic < bound, `chi-square ${statistic} > ${bound}`);
  // Neighbouring steps are independent: equal pairs are as frequent as chance.
  const same = tokens.filter((token, i) => token === tokens[i + 1]).length;
  const rate = chances.reduce((sum, chance) => sum + chance ** 2, 0);
  const spread = Math.sqrt(3000 * rate * (1 - rate));
  assert(Math.abs(same - 3000 * rate) < 4 * spread, `${same} equal pairs`);
});
