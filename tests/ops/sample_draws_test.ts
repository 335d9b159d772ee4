import assert from "node:assert/strict";
import {
  createDevice,
  type Device,
  evaluate,
  evaluateOn,
  leaf,
  ProgramBuilder,
  type Template,
} from "../../core/mod.ts";
import { controlWidth, RING_ENTRIES } from "../../ops/control_row.ts";
import { readControlRow } from "../../ops/read_control_row.ts";
import { sample } from "../../ops/sample.ts";
import { checkChances } from "../support/chi_square.ts";
import { type AdjustedFields, adjustedRows } from "../support/control_rows.ts";
import { readLimitCases } from "../support/sample_limits.ts";

/** How ten thousand draws are made. */
interface Launches {
  /** Rows that draw side by side, each with a seed of its own. */
  readonly rows: number;
  /** Draws of each, one after another. */
  readonly draws: number;
}

/** As in a generation. */
const STEPPED: Launches = { rows: 64, draws: 157 };

/** Each draw is the first of its row, so that penalties stay as they are. */
const AT_ONCE: Launches = { rows: 10_048, draws: 1 };

/** Draws from the same logits by rows of the same settings. */
async function drawMany(
  device: Device,
  logits: readonly number[],
  fields: AdjustedFields,
  { rows, draws }: Launches,
): Promise<number[]> {
  const v = logits.length, width = controlWidth(v);
  const wordsAt = (drawn: number) =>
    adjustedRows(
      Array.from(
        { length: rows },
        (_, seed) => ({ ...fields, count: 1, limit: 1e6, seed, drawn }),
      ),
      v,
    );
  const { adjustments } = wordsAt(0);
  using sampler = await compileSampler(device, rows, v, adjustments.length);
  sampler.program.write("x", repeated(logits, rows));
  sampler.adjustments.write(adjustments);
  const tokens: number[] = [];
  for (let drawn = 0; drawn < draws; drawn += RING_ENTRIES - 1) {
    const steps = Math.min(RING_ENTRIES - 1, draws - drawn);
    sampler.control.write(wordsAt(drawn).control);
    sampler.program.run(steps);
    const after = await sampler.control.read();
    for (let i = 0; i < rows; i++) {
      const row = after.slice(i * width, (i + 1) * width);
      const { samples } = readControlRow(row as Uint32Array<ArrayBuffer>);
      tokens.push(...samples.slice(-steps).map(({ token }) => token));
    }
  }
  return tokens;
}

/** A program of nothing but a draw in each row. */
async function compileSampler(
  device: Device,
  rows: number,
  vocabulary: number,
  words: number,
) {
  const stack = new DisposableStack();
  const builder = new ProgramBuilder("draws");
  const shapes = { control: [rows, controlWidth(vocabulary)], notes: [words] };
  const types = Object.entries(shapes).map(([name, shape]) =>
    [name, { dtype: "u32", shape }] as const
  );
  const [control, notes] = types.map(([name, type]) =>
    builder.state(name, type)
  );
  const x = builder.input("x", { dtype: "f32", shape: [rows, vocabulary] });
  const template: Template = {
    name: "draw",
    build: (_, { control, x, notes }) => ({
      control: sample(control!, x!, notes!),
    }),
  };
  builder.call(template, "", { control: control!, x, notes: notes! });
  const states = new Map(
    types.map(([name, type]) =>
      [name, stack.use(device.createArray(type, name))] as const
    ),
  );
  const bindings = { weights: new Map(), states };
  return {
    program: stack.use(await device.compile(builder.build(), bindings)),
    control: states.get("control")!,
    adjustments: states.get("notes")!,
    [Symbol.dispose]: () => stack.dispose(),
  };
}

function repeated(
  logits: readonly number[],
  rows: number,
): Float32Array<ArrayBuffer> {
  return Float32Array.from(
    { length: rows * logits.length },
    (_, i) => logits[i % logits.length]!,
  );
}

Deno.test("sample() draws what transformers' processors leave, as often", async () => {
  using device = await createDevice();
  for (const { name, fields, logits, chances } of await readLimitCases()) {
    const { penalty = 1, frequency = 0, presence = 0 } = fields;
    const isFixed = penalty === 1 && frequency === 0 && presence === 0;
    const launches = isFixed ? STEPPED : AT_ONCE;
    const tokens = await drawMany(device, logits, fields, launches);
    assert.equal(tokens.length, 10_048);
    checkChances(name, tokens, chances);
  }
});

Deno.test("sample() draws alike on the device and in its meaning", async () => {
  using device = await createDevice();
  for (const { name, fields, logits } of await readLimitCases()) {
    const v = logits.length;
    const rows = Array.from(
      { length: 500 },
      (_, seed) => ({ ...fields, count: 1, limit: 9, seed }),
    );
    const words = adjustedRows(rows, v);
    const shape = [rows.length, controlWidth(v)];
    const control = leaf("state", "control", { dtype: "u32", shape });
    const x = leaf("input", "x", { dtype: "f32", shape: [rows.length, v] });
    const adjustments = leaf("input", "adjustments", {
      dtype: "u32",
      shape: [words.adjustments.length],
    });
    const outputs = [sample(control, x, adjustments)];
    const values = (tensor: typeof x) =>
      tensor === x
        ? repeated(logits, rows.length)
        : tensor === control
        ? words.control.slice()
        : words.adjustments;
    const tokens = [
      (await evaluateOn(device, outputs, values))[0]!,
      evaluate(outputs, values)[0]!,
    ].map((all) => rows.map((_, i) => all[i * shape[1]!]));
    assert.deepEqual(tokens[0], tokens[1], name);
  }
});

Deno.test("sample() draws afresh at every step of one seed", async () => {
  using device = await createDevice();
  const logits = [0, 0.5, 1, -1, 0, 2, 0.3];
  const total = logits.reduce((sum, x) => sum + Math.exp(x), 0);
  const chances = logits.map((x) => Math.exp(x) / total);
  const tokens = await drawMany(device, logits, { temperature: 1 }, STEPPED);
  checkChances("one seed", tokens, chances);
  // Neighbouring steps are independent: equal pairs are as frequent as chance.
  const same = tokens.filter((token, i) => token === tokens[i + 1]).length;
  const rate = chances.reduce((sum, chance) => sum + chance ** 2, 0);
  const spread = Math.sqrt(tokens.length * rate * (1 - rate));
  const gap = Math.abs(same - tokens.length * rate);
  assert(gap < 4 * spread, `${same} equal pairs`);
});
