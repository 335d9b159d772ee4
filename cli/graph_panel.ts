/**
 * A panel of rows: each row a thing with a name, on the left lines from the
 * rows that it reads, on the right brackets around what repeats.
 *
 * @module
 */

import type { FoldBracket } from "./fold_repeats.ts";
import {
  element,
  INK,
  polyline,
  roundedBox,
  type Tone,
  TONES,
  words,
} from "./svg.ts";

/** One row. */
export interface PanelRow {
  /** By what other rows read it; undefined where none can. */
  readonly id: string | undefined;
  /** What it is. */
  readonly name: string;
  /** Number of a panel that explains it. */
  readonly badge?: number;
  /** More about it, faint. */
  readonly detail: string;
  /** What stands at the right edge. */
  readonly right: string;
  /** Its colours. */
  readonly tone: Tone;
  /** Ids of rows that it reads. */
  readonly reads: readonly string[];
  /** Small lines below it. */
  readonly notes?: readonly string[];
  /** Name under which it leaves the panel. */
  readonly result?: string;
}

/** Rows with a head. */
export interface Panel {
  /** Its title. */
  readonly title: string;
  /** Its number. */
  readonly badge?: number;
  /** More about it, faint. */
  readonly fact: string;
  /** Its rows. */
  readonly rows: readonly PanelRow[];
  /** Runs of rows that repeat, outer ones first. */
  readonly brackets: readonly FoldBracket[];
}

/** Width of every panel. */
export const PANEL_WIDTH = 500;

const HEAD = 50, ROW = 20, PITCH = 24, NOTE = 15, FOOT = 12;
const LINES = 64; // at the left, for lines between rows
const BRACKETS = 50; // at the right
const BRACKET_STEP = 13;

/** Height of a panel. */
export function panelHeight({ rows }: Panel): number {
  return HEAD + rows.reduce((sum, row) => sum + rowPitch(row), 0) + FOOT;
}

function rowPitch({ notes = [] }: PanelRow): number {
  return PITCH + NOTE * notes.length;
}

/** Draws a panel with its upper left corner at a point. */
export function drawPanel(panel: Panel, x: number, y: number): string[] {
  const tops: number[] = [];
  let at = y + HEAD;
  for (const row of panel.rows) {
    tops.push(at);
    at += rowPitch(row);
  }
  const right = x + PANEL_WIDTH - (panel.brackets.length > 0 ? BRACKETS : 14);
  return [
    roundedBox(
      { x, y, width: PANEL_WIDTH, height: panelHeight(panel) },
      { fill: "#fbfcfd", stroke: INK.edge, rx: 9 },
    ),
    ...head(panel, x, y),
    ...readLines(panel.rows, tops, x + LINES),
    ...panel.rows.flatMap((row, i) =>
      drawRow(row, { left: x + LINES, right, y: tops[i]! })
    ),
    ...panel.brackets.flatMap((bracket) =>
      drawBracket(bracket, {
        x: right + 8 + bracket.depth * BRACKET_STEP,
        from: tops[bracket.from]!,
        to: tops[bracket.to]! + rowPitch(panel.rows[bracket.to]!) -
          (PITCH - ROW),
      })
    ),
  ];
}

function head({ title, badge, fact }: Panel, x: number, y: number): string[] {
  const at = badge === undefined ? x + 16 : x + 42;
  return [
    ...(badge === undefined ? [] : [drawBadge(badge, x + 24, y + 23)]),
    words(at, y + 21, title, { size: 13.5, weight: 600 }),
    words(at, y + 37, fact, { size: 11, fill: INK.faint }),
  ];
}

function drawBadge(badge: number, x: number, y: number): string {
  return element("circle", {
    cx: x,
    cy: y,
    r: 9,
    fill: TONES.frozenDeep.fill,
    stroke: TONES.frozenDeep.stroke,
  }) + words(x, y + 3.5, String(badge), {
    size: 10,
    weight: 600,
    fill: TONES.frozenDeep.text,
    anchor: "middle",
  });
}

/** Letters of a mono font are so wide over their height, bold ones at most. */
const MONO_WIDTH = 0.61, BOLD_WIDTH = 0.68;

function drawRow(
  { name, badge, detail, right: fact, tone, notes = [], result }: PanelRow,
  { left, right, y }: {
    readonly left: number;
    readonly right: number;
    readonly y: number;
  },
): string[] {
  const base = y + 14;
  const nameSize = 11.5, size = 10.5;
  const nameEnd = left + 10 + name.length * nameSize * BOLD_WIDTH;
  const factStart = right - 8 - fact.length * size * MONO_WIDTH;
  const room = Math.floor((factStart - nameEnd - 22) / (size * MONO_WIDTH));
  const marked = result === undefined ? detail : `${detail} → ${result}`.trim();
  return [
    roundedBox({ x: left, y, width: right - left, height: ROW }, {
      fill: tone.fill,
      stroke: tone.stroke,
      "stroke-width": 0.9,
      rx: 4.5,
    }),
    ...(badge === undefined ? [] : [drawBadge(badge, left - 16, y + 10)]),
    words(left + 10, base, name, {
      size: nameSize,
      weight: 600,
      fill: tone.text,
      isMono: true,
    }),
    words(nameEnd + 10, base, cutLeft(marked, room), {
      size,
      fill: INK.faint,
      isMono: true,
    }),
    words(right - 8, base, fact, {
      size,
      fill: tone.text,
      anchor: "end",
      isMono: true,
    }),
    ...notes.map((note, i) =>
      words(left + 28, y + ROW + 11 + NOTE * i, note, {
        size: 10,
        fill: INK.faint,
        isMono: true,
      })
    ),
  ];
}

/** The end of a text that is too long: what tells weights apart. */
function cutLeft(text: string, most: number): string {
  if (text.length <= most) return text;
  return most < 4 ? "" : `…${text.slice(text.length - most + 1)}`;
}

/** Lines to each row from the rows that it reads; longer ones reach further. */
function readLines(
  rows: readonly PanelRow[],
  tops: readonly number[],
  edge: number,
): string[] {
  const places = new Map(
    rows.flatMap(({ id }, i) => id === undefined ? [] : [[id, i] as const]),
  );
  return rows.flatMap(({ reads }, to) =>
    [...new Set(reads)].flatMap((id) => {
      const from = places.get(id);
      if (from === undefined || from === to) return [];
      return [readLine(tops[from]! + ROW / 2, tops[to]! + ROW / 2, {
        edge,
        rows: Math.abs(to - from),
        isBack: from > to,
      })];
    })
  );
}

function readLine(
  from: number,
  to: number,
  { edge, rows, isBack }: {
    readonly edge: number;
    readonly rows: number;
    readonly isBack: boolean;
  },
): string {
  if (rows === 1 && !isBack) {
    const x = edge + 16;
    return polyline([[x, from + ROW / 2], [x, to - ROW / 2]], {
      stroke: INK.line,
      width: 1.4,
    });
  }
  const reach = edge - Math.min(LINES - 12, 8 + 7.5 * Math.log2(rows + 1));
  return element("path", {
    d: `M${edge} ${from} C${reach} ${from} ${reach} ${to} ${edge} ${to}`,
    fill: "none",
    stroke: isBack ? TONES.trained.stroke : INK.line,
    "stroke-width": 1.1,
    "stroke-opacity": 0.75,
    "stroke-dasharray": isBack ? "3 3" : undefined,
  });
}

function drawBracket(
  { times }: FoldBracket,
  { x, from, to }: {
    readonly x: number;
    readonly from: number;
    readonly to: number;
  },
): string[] {
  const label = `× ${times}`, middle = (from + to) / 2;
  return [
    polyline([[x - 4, from], [x, from], [x, to], [x - 4, to]], {
      stroke: TONES.frozenDeep.stroke,
      width: 1.5,
    }),
    element(
      "g",
      { transform: `translate(${x + 13} ${middle}) rotate(90)` },
      words(0, 4, label, {
        size: 12,
        weight: 700,
        fill: TONES.frozenDeep.text,
        anchor: "middle",
      }),
    ),
  ];
}
