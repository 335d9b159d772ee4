/**
 * One dispatch of `project`: some rows of its weights with all rows of x,
 * with biases, activation, gate and residual on the way out. Each workgroup
 * belongs to one product; which one, its number tells.
 *
 * @module
 */

import type { Binding, Kernel, KernelContext } from "../../core/kernel.ts";
import { gemmBody } from "../matmul/gemm.ts";
import type { ProjectActivation, ProjectAttrs } from "./project_attrs.ts";
import { declareNorm, normRow, type NormText, scaleRow } from "./norm_text.ts";
import type { Piece } from "./pieces.ts";
import { rolesOf } from "./roles.ts";
import type { RowSource } from "./row_source.ts";
import { pieceNames, type Share, sharesOf } from "./shares.ts";

/** The kernel for some pieces. */
export function productKernel(
  context: KernelContext<ProjectAttrs>,
  pieces: readonly Piece[],
  source: RowSource,
): Kernel {
  const { inputs, output, attrs } = context;
  const shares = sharesOf(context, pieces, source);
  const { tokens, lanes = 8, isVec4 } = shares[0]!.options;
  const k = inputs[0]!.type.shape.at(-1)!;
  const norm = source === "staged"
    ? { ...attrs.norm!, isVec4: true, lanes }
    : undefined;
  const staged = { k, tokens, isVec4 };
  const stride = output.type.shape.at(-1)!;
  const isNormed = norm !== undefined || source === "inline";
  const eps = isNormed ? { steps: k / 4, eps: { f32: attrs.norm!.eps } } : {};
  const sizes = { m: rowsOf(context), k, stride, ...eps };
  const layouts = new Set(pieces.map(({ layout }) => layout.name));
  return {
    name: `project${isNormed ? "_normed" : ""}_${
      [...layouts].join("_")
    }_${tokens}`,
    bindings: bindingsOf(attrs, pieces, {
      source,
      view: norm || isVec4 ? "vec4" : "scalar",
    }),
    params: Object.assign({}, sizes, ...shares.map(({ params }) => params)),
    workgroupSize: [lanes, 1, 1],
    workgroups: [
      shares.reduce((sum, { groups: [x] }) => sum + x, 0),
      shares[0]!.groups[1],
      1,
    ],
    declarations: [
      ...(norm ? [declareNorm(norm), declareStage(staged)] : []),
      ...(attrs.activation ? declareElement("activate", attrs.activation) : []),
      ...(attrs.gain ? declareElement("open", attrs.gain.activation) : []),
    ].join("\n"),
    body: [
      ...(norm ? [stageRows(norm, staged)] : []),
      ...shares.map((share, i) => shareText(share, i, shares.length)),
    ].join("\n"),
  };
}

function rowsOf({ inputs: [x] }: KernelContext<ProjectAttrs>): number {
  const { shape } = x!.type;
  return shape.slice(0, -1).reduce((rows, size) => rows * size, 1);
}

function bindingsOf(
  attrs: ProjectAttrs,
  pieces: readonly Piece[],
  { source, view }: { readonly source: RowSource; readonly view: string },
): Binding[] {
  const roles = rolesOf(attrs);
  const isNormed = source === "staged" || source === "inline";
  const norms = isNormed ? roles.norm : [];
  return [
    { name: "x", of: source === "scratch" ? { scratch: 0 } : 0, view },
    ...norms.map((of, i) => ({ name: i === 0 ? "scale" : "shift", of, view })),
    ...pieces.map(({ operand, part, layout }, i) => (
      { name: pieceNames(i).weight, of: operand, part, view: layout.element }
    )),
    ...pieces.flatMap(({ weight }, i) => {
      const of = roles.biases[weight];
      const { bias: name } = pieceNames(i);
      return of === undefined ? [] : [{ name, of, view: "scalar" }];
    }),
    ...(["gain", "residual"] as const).flatMap((name) => {
      const of = roles[name];
      return of === undefined ? [] : [{ name, of, view: "scalar" }];
    }),
    { name: "y", of: "output", view: "scalar", isWritten: true },
  ];
}

/** Normed rows of a workgroup. */
interface Stage {
  readonly k: number;
  readonly tokens: number;
  readonly isVec4: boolean;
}

function declareStage({ k, tokens, isVec4 }: Stage): string {
  const read = isVec4
    ? "fn load_h(i: u32) -> vec4<f32> { return staged[i]; }"
    : "fn load_h(i: u32) -> f32 { return staged[i >> 2u][i & 3u]; }";
  return `var<workgroup> staged: array<vec4<f32>, ${tokens * k / 4}>;
var<workgroup> factors: array<f32, ${tokens}>;
${read}`;
}

/** All rows: where they are normed here, one workgroup along y has them all. */
function stageRows(norm: NormText, { tokens }: Stage): string {
  const row = "(row * p.steps)";
  const store = (i: string, value: string): string =>
    `staged[${row} + ${i}] = ${value};`;
  const text = norm.kind === "layer" ? normRow(norm, row, store) : scaleRow(
    norm,
    row,
    { store, finish: (factor) => `let factor = ${factor};\n${KEEP}` },
  );
  return `  for (var row = 0u; row < min(${tokens}u, p.m); row++) ${text}
  workgroupBarrier();`;
}

const KEEP = "  if (lid.x == 0u) { factors[row] = factor; }";

/** A function of one element; of itself, where there is no op. */
function declareElement(
  name: string,
  activation: ProjectActivation | undefined,
): string[] {
  const { op, attrs = {} } = activation ?? {};
  const { declarations = "" } = op?.element ?? {};
  const body = op?.element?.wgsl(attrs) ?? "  return x;";
  return [declarations, `fn ${name}(x: f32) -> f32 {\n${body}\n}`];
}

function shareText({ options }: Share, i: number, count: number): string {
  const body = gemmBody(options);
  if (count === 1) return body;
  return `  if (wid.x >= p.first${i} && wid.x < p.first${i} + p.groups${i}) {
${body}
  }`;
}
