/**
 * The layers of a language model as rows of a picture, gated blocks beside the
 * layers that they precede.
 *
 * @module
 */

import type { LayerOutline, ModelPlan } from "../mod.ts";
import { showCount } from "./show_count.ts";
import { stateMark, toneOf } from "./stack_header.ts";
import { INK, polyline, toneBox, words } from "./svg.ts";

/** Most layers that get a row each; of more, equal neighbours share one. */
const MOST_ROWS = 48;

const ROW_HEIGHT = 24, ROW_PITCH = 31;

/** A layer, or several equal ones after each other without gated blocks. */
interface Row {
  readonly first: LayerOutline;
  readonly times: number;
}

/** Where the rows stand. */
export interface LayerPlaces {
  /** Upper edge of the first row. */
  readonly y: number;
  /** The line along which latents come; undefined without gated blocks. */
  readonly busX: number | undefined;
  /** Left edge and width of gated blocks. */
  readonly gated: readonly [x: number, width: number];
  /** Left edge and width of layers. */
  readonly layer: readonly [x: number, width: number];
}

/** Rows of layers, and where they end. */
export interface LayerRows {
  /** What is drawn. */
  readonly shapes: readonly string[];
  /** Lower edge of the last row. */
  readonly bottom: number;
  /** Middle of the last gated block; undefined without one. */
  readonly lastGated: number | undefined;
}

/** Draws all layers. */
export function layerRows(
  layers: readonly LayerOutline[],
  plan: ModelPlan,
  places: LayerPlaces,
): LayerRows {
  const rows = rowsOf(layers);
  const middle = (i: number) => places.y + i * ROW_PITCH + ROW_HEIGHT / 2;
  const last = rows.findLastIndex(({ first }) => first.gated !== undefined);
  return {
    shapes: rows.flatMap((row, i) => drawRow(row, plan, places, middle(i))),
    bottom: places.y + (rows.length - 1) * ROW_PITCH + ROW_HEIGHT,
    lastGated: last < 0 ? undefined : middle(last),
  };
}

function rowsOf(layers: readonly LayerOutline[]): Row[] {
  const rows: Row[] = [];
  for (const layer of layers) {
    const last = rows.at(-1);
    const isEqual = last !== undefined && layers.length > MOST_ROWS &&
      layer.gated === undefined && last.first.gated === undefined &&
      layer.kind === last.first.kind &&
      layer.parameters === last.first.parameters;
    if (isEqual) rows[rows.length - 1] = { ...last, times: last.times + 1 };
    else rows.push({ first: layer, times: 1 });
  }
  return rows;
}

function drawRow(
  { first, times }: Row,
  { parts }: ModelPlan,
  { busX, gated: [gatedX, gatedWidth], layer: [x, width] }: LayerPlaces,
  middle: number,
): string[] {
  const y = middle - ROW_HEIGHT / 2, height = ROW_HEIGHT;
  const language = toneOf("language", parts.language!);
  const name = times === 1
    ? `layer ${first.layer}`
    : `layers ${first.layer} – ${first.layer + times - 1}`;
  const own = showCount(first.parameters) + (times === 1 ? "" : " each");
  const baseline = middle + 4;
  const faint = { size: 11, fill: language.stroke, anchor: "end" } as const;
  const shapes = [
    // Several layers look like several sheets.
    ...(times === 1 ? [] : [
      toneBox({ x: x + 4, y: y + 4, width: width - 8, height }, language),
    ]),
    toneBox({ x, y, width, height }, language),
    words(x + 14, baseline, name, { size: 12, fill: language.text }),
    words(x + width - 32, baseline, own, faint),
    stateMark(x + width - 16, middle, parts.language!, 5),
    ...(times === 1 ? [] : [
      words(x + width / 2, baseline, `× ${times}`, {
        size: 13,
        weight: 700,
        fill: language.text,
        anchor: "middle",
      }),
    ]),
  ];
  if (first.gated === undefined) return shapes;
  const part = parts.crossAttention!, tone = toneOf("crossAttention", part);
  const stroke = tone.stroke;
  return [
    ...shapes,
    toneBox({ x: gatedX, y, width: gatedWidth, height }, tone),
    words(gatedX + 14, baseline, "gated block", { size: 12, fill: tone.text }),
    words(gatedX + gatedWidth - 32, baseline, showCount(first.gated), {
      ...faint,
      fill: stroke,
    }),
    stateMark(gatedX + gatedWidth - 16, middle, part, 5),
    polyline([[gatedX + gatedWidth, middle], [x - 1, middle]], {
      stroke: INK.line,
      isArrow: true,
    }),
    ...(busX === undefined ? [] : [
      polyline([[busX, middle], [gatedX - 1, middle]], {
        stroke,
        isArrow: true,
      }),
    ]),
  ];
}
