/**
 * A picture of programs: each program's segments, and beside them every kind
 * of block once, op by op, with lines from where a value is made to where it is
 * read. What repeats is drawn once, in a bracket.
 *
 * @module
 */

import { type ProgramGraph, showBytes } from "../mod.ts";
import {
  drawPanel,
  type Panel,
  PANEL_WIDTH,
  panelHeight,
} from "./graph_panel.ts";
import { programPanel, templatePanel } from "./graph_panels.ts";
import { showFlops } from "./show_count.ts";
import { INK, svgPicture, words } from "./svg.ts";

const MARGIN = 32, GAP = 28, TITLE_HEIGHT = 64, HEAD_HEIGHT = 52;

/** Columns of panels beside the segments, by how many there are. */
const MOST_COLUMNS = 3;

/** All programs below each other, as SVG. */
export function graphPicture(
  title: string,
  graphs: readonly ProgramGraph[],
): string {
  const columns = Math.max(
    1,
    ...graphs.map(({ templates }) => Math.min(MOST_COLUMNS, templates.length)),
  );
  const width = 2 * MARGIN + (1 + columns) * PANEL_WIDTH + columns * GAP;
  const shapes = [
    words(MARGIN, 46, title, { size: 24, weight: 650 }),
    words(width - MARGIN, 44, "programs and their blocks", {
      fill: INK.faint,
      anchor: "end",
    }),
  ];
  let y = TITLE_HEIGHT;
  for (const graph of graphs) {
    shapes.push(...heading(graph, y));
    const top = y + HEAD_HEIGHT;
    const placed = placePanels(graph, { top, columns });
    shapes.push(...placed.flatMap(({ panel, x, y }) => drawPanel(panel, x, y)));
    y = Math.max(...placed.map(({ panel, y }) => y + panelHeight(panel))) + 34;
  }
  return svgPicture({ width, height: y, title: `${title}: programs` }, shapes);
}

function heading(
  { name, flops, plan, segments }: ProgramGraph,
  y: number,
): string[] {
  const facts = plan === undefined
    ? `${segments.length} segments  ·  ${showFlops(flops)}`
    : [
      `${showFlops(flops)}`,
      `${plan.dispatches} dispatches on ${plan.device}, matrices in ${plan.layout}`,
      ...Object.entries(plan.memory)
        .map(([kind, bytes]) => `${kind} ${showBytes(bytes)}`),
    ].join("  ·  ");
  return [
    words(MARGIN, y + 20, name, { size: 16, weight: 600 }),
    words(MARGIN, y + 39, facts, { size: 12, fill: INK.faint }),
  ];
}

/** A panel and its upper left corner. */
interface PlacedPanel {
  readonly panel: Panel;
  readonly x: number;
  readonly y: number;
}

/** Segments on the left, blocks in the column that is shortest. */
function placePanels(
  graph: ProgramGraph,
  { top, columns }: { readonly top: number; readonly columns: number },
): PlacedPanel[] {
  const placed: PlacedPanel[] = [
    { panel: programPanel(graph), x: MARGIN, y: top },
  ];
  const bottoms = Array.from({ length: columns }, () => top);
  graph.templates.forEach((template, i) => {
    const panel = templatePanel(template, i);
    const column = bottoms.indexOf(Math.min(...bottoms));
    const y = bottoms[column]!;
    placed.push({ panel, x: MARGIN + (column + 1) * (PANEL_WIDTH + GAP), y });
    bottoms[column] = y + panelHeight(panel) + 20;
  });
  return placed;
}
