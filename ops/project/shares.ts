/**
 * How the pieces of one dispatch of `project` become products: the text of
 * each, its uniforms and its workgroups. Not an op.
 *
 * @module
 */

import type { KernelContext } from "../../core/kernel.ts";
import { sizeOf } from "../../core/shape.ts";
import { chooseTile } from "../matmul/choose_tile.ts";
import { gemmParams, gemmWorkgroups } from "../matmul/gemm.ts";
import type { GemmOptions, GemmPlace } from "../matmul/gemm_options.ts";
import type { ProjectAttrs } from "./project_attrs.ts";
import type { Piece } from "./pieces.ts";
import type { RowSource } from "./row_source.ts";
import { rolesOf } from "./roles.ts";

/** A product of the dispatch: of one piece, or of both of a gate. */
export interface Share {
  /** What is multiplied. */
  readonly pieces: readonly Piece[];
  /** Its text. */
  readonly options: GemmOptions;
  /** Its uniforms; their names end in its number. */
  readonly params: Readonly<Record<string, number>>;
  /** Its workgroups along x and all along y. */
  readonly groups: readonly [x: number, y: number];
}

/** Names of the bindings of piece `i` of a dispatch. */
export function pieceNames(i: number): { weight: string; bias: string } {
  return { weight: `w${"abcdefgh"[i]}`, bias: `bias_${"abcdefgh"[i]}` };
}

/**
 * Products for the pieces of a dispatch. Rows come from the binding `x`, or are
 * staged in workgroup memory.
 */
export function sharesOf(
  context: KernelContext<ProjectAttrs>,
  pieces: readonly Piece[],
  source: RowSource,
): Share[] {
  const isStaged = source === "staged";
  const { attrs, profile: { hasSubgroups, isSoftware } } = context;
  const shape = context.inputs[0]!.type.shape;
  const k = shape.at(-1)!, m = sizeOf(shape) / k;
  const isPair = attrs.join === "gate" && pieces.length === 2;
  const lists = isPair ? [pieces] : pieces.map((piece) => [piece]);
  const tiles = lists.map(([{ layout, start, end } = pieces[0]!]) =>
    chooseTile({ layout, m, rows: end - start, k, hasSubgroups, isSoftware })
  );
  // One binding shows x to all products, so all see it in fours or none does.
  const isVec4 = tiles.every((tile) => tile.isVec4);
  let first = 0;
  return lists.map((own, i) => {
    const { layout, start, end, column } = own[0]!;
    const rowTiles = Math.max(1, tiles[i]!.rowTiles / own.length);
    const place = ({ row, token }: GemmPlace): string =>
      `${token} * p.stride + p.column${i} + ${row}`;
    const options: GemmOptions = {
      ...tiles[i]!,
      rowTiles,
      isVec4,
      names: {
        x: isStaged ? "h" : "x",
        w: pieceNames(pieces.indexOf(own[0]!)).weight,
        y: "y",
      },
      ...(source === "inline"
        ? { rms: { scale: attrs.norm!.operands > 0 ? "scale" : undefined } }
        : {}),
      beside: own.slice(1).map((piece) => ({
        name: pieceNames(pieces.indexOf(piece)).weight,
        layout: piece.layout,
      })),
      suffix: `${i}`,
      rowGroup: `(wid.x - p.first${i})`,
      place,
      finish: (sums, at) =>
        finish(context, { own, pieces, sums, source }, at, place(at)),
    };
    const size = { m, n: end, k, rowStart: start, rows: end - start };
    const { blocks, row_start, row_end } = gemmParams(layout, size);
    const [across, down] = gemmWorkgroups(options, size);
    const params = named(i, {
      blocks,
      row_start,
      row_end,
      column: attrs.join === "gate" ? 0 : column,
      first,
      groups: across,
    });
    first += across;
    return { pieces: own, options, params, groups: [across, down] };
  });
}

function named(
  i: number,
  fields: Readonly<Record<string, number>>,
): Record<string, number> {
  return Object.fromEntries(
    Object.entries(fields).map(([name, value]) => [`${name}${i}`, value]),
  );
}

/** What is stored, from the sums of a lane's weights. */
function finish(
  { inputs, attrs }: KernelContext<ProjectAttrs>,
  { own, pieces, sums, source }: {
    readonly own: readonly Piece[];
    readonly pieces: readonly Piece[];
    readonly sums: readonly string[];
    readonly source: RowSource;
  },
  { row, token, index }: GemmPlace,
  place: string,
): string {
  // The root of an RMS norm comes last, see `scaleRow` and `GemmOptions.rms`.
  const isScaled = attrs.norm?.kind === "rms" && source === "staged";
  const factor = source === "inline"
    ? `factor_${index}`
    : isScaled
    ? `factors[${token}]`
    : undefined;
  const full = sums.map((sum) => factor ? `(${sum} * ${factor})` : sum);
  const biased = own.map((piece, i) =>
    attrs.hasBias
      ? `(${full[i]} + load_${pieceNames(pieces.indexOf(piece)).bias}(${row}))`
      : full[i]!
  );
  const isGate = attrs.join === "gate";
  const isFactor = isGate && own[0]!.weight === 1;
  const first = attrs.activation && !isFactor
    ? `activate(${biased[0]})`
    : biased[0]!;
  const value = isFactor
    ? `load_y(${place}) * ${first}`
    : [first, ...biased.slice(1)].join(" * ");
  // The weights of a gate that lie unlike run one after the other.
  if (isGate && own.length === 1 && !isFactor) return value;
  const { gain, residual } = rolesOf(attrs);
  const isScalar = gain !== undefined &&
    sizeOf(inputs[gain]!.type.shape) === 1;
  const opened = `open(load_gain(${isScalar ? "0u" : row}))`;
  const scaled = gain === undefined ? value : `(${value}) * ${opened}`;
  return residual === undefined
    ? scaled
    : `load_residual(${place}) + ${scaled}`;
}
