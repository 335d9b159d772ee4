/**
 * Text of a norm over rows, for kernels that need the result right away or
 * write it down. Lanes take every LANES-th element (or four of them); their
 * sums are joined in order, so both uses give the same bits.
 *
 * @module
 */

/** What the text is made for. */
export interface NormText {
  /** Which norm. */
  readonly kind: "rms" | "layer";
  /** Operands beside x: none, `scale`, or `scale` and `shift`. */
  readonly operands: number;
  /** Whether the bindings `x`, `scale` and `shift` are seen in fours. */
  readonly isVec4: boolean;
  /** Lanes of the workgroup. */
  readonly lanes: number;
}

/** Workgroup memory and the function that joins lanes' sums. */
export function declareNorm({ lanes }: NormText): string {
  return `var<workgroup> shares: array<f32, ${lanes}>;
fn join_sum(lane: u32, own: f32) -> f32 {
  shares[lane] = own;
  workgroupBarrier();
  var total: f32 = shares[0];
  for (var i = 1u; i < ${lanes}u; i++) { total += shares[i]; }
  // Nobody may write the next shares while somebody still reads these.
  workgroupBarrier();
  return total;
}`;
}

/**
 * Statements that norm the row that starts at element (or four) `row` and has
 * `p.steps` of them; `store(i, value)` is a statement for each. Reads `p.k`
 * and `p.eps`.
 */
export function normRow(
  { kind, operands, isVec4, lanes }: NormText,
  row: string,
  store: (i: string, value: string) => string,
): string {
  const each = (statements: string): string =>
    `  for (var i = lid.x; i < p.steps; i += ${lanes}u) {\n${statements}\n  }`;
  const square = isVec4 ? "dot(v, v)" : "v * v";
  const sum = isVec4 ? "dot(v, vec4<f32>(1.0))" : "v";
  const first = isVec4 ? `load_x(${row}).x` : `load_x(${row})`;
  // The first element is taken off before summing, so that the mean of a row
  // far from zero keeps its low bits.
  const centre = kind === "layer"
    ? `  let origin = ${first};
  var sum: f32 = 0.0;
${each(`    let v = load_x(${row} + i) - origin;\n    sum += ${sum};`)}
  let mean = join_sum(lid.x, sum) / f32(p.k);`
    : "";
  const value = kind === "layer"
    ? `(load_x(${row} + i) - origin) - mean`
    : `load_x(${row} + i)`;
  const scale = operands > 0 ? " * load_scale(i)" : "";
  const shift = operands > 1 ? " + load_shift(i)" : "";
  return `{
${centre}
  var squares: f32 = 0.0;
${each(`    let v = ${value};\n    squares += ${square};`)}
  let factor = 1.0 / sqrt(join_sum(lid.x, squares) / f32(p.k) + p.eps);
${
    each(
      `    let v = ${value};\n    ${store("i", `v * factor${scale}${shift}`)}`,
    )
  }
}`;
}

/**
 * Statements of an RMS norm in one pass: `store(i, value)` gets what is not
 * divided by the root yet, `factor` is what it is to be multiplied by. A sum of
 * products may be multiplied at its end.
 */
export function scaleRow(
  { operands, isVec4, lanes }: NormText,
  row: string,
  use: {
    readonly store: (i: string, value: string) => string;
    readonly finish: (factor: string) => string;
  },
): string {
  const square = isVec4 ? "dot(v, v)" : "v * v";
  const scale = operands > 0 ? " * load_scale(i)" : "";
  return `{
  var squares: f32 = 0.0;
  for (var i = lid.x; i < p.steps; i += ${lanes}u) {
    let v = load_x(${row} + i);
    squares += ${square};
    ${use.store("i", `v${scale}`)}
  }
  ${use.finish("1.0 / sqrt(join_sum(lid.x, squares) / f32(p.k) + p.eps)")}
}`;
}
