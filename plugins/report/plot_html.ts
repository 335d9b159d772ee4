/**
 * Curves with their intervals as SVG.
 *
 * @module
 */

import { type Html, markup } from "./html.ts";
import type { ReportCurve, ReportPlot } from "./report.ts";

const WIDTH = 560, HEIGHT = 280;
const LEFT = 56, RIGHT = 16, TOP = 12, BOTTOM = 44;

/** Told apart by people who see few colours as well (Okabe and Ito). */
const COLOURS = [
  "#0072b2",
  "#d55e00",
  "#009e73",
  "#cc79a7",
  "#e69f00",
  "#56b4e9",
  "#7f7f7f",
  "#a07000",
] as const;

/** A plot; places on the axis are evenly spaced, as shots often double. */
export function plotHtml({ title, xName, yName, curves }: ReportPlot): Html {
  const places = [
    ...new Set(curves.flatMap(({ points }) => points.map(({ x }) => x))),
  ].sort((a, b) => a - b);
  const values = curves.flatMap(({ points }) =>
    points.flatMap(({ low, high }) => [low, high])
  );
  const isShare = values.every((value) => value >= 0 && value <= 1);
  const low = isShare ? 0 : Math.min(0, ...values);
  const high = isShare ? 1 : Math.max(...values, low + 1e-9);
  const x = (value: number): number =>
    LEFT + (WIDTH - LEFT - RIGHT) *
      (places.indexOf(value) + 0.5) / places.length;
  const y = (value: number): number =>
    TOP + (HEIGHT - TOP - BOTTOM) * (high - value) / (high - low);
  const ticks = [0, 0.25, 0.5, 0.75, 1].map((share) =>
    low + share * (high - low)
  );
  const grid = ticks.map((tick) =>
    markup`
      <line class="grid" x1="${LEFT}" x2="${WIDTH - RIGHT}" y1="${
      round(
        y(tick),
      )
    }"
        y2="${round(y(tick))}" />
      <text x="${LEFT - 8}" y="${
      round(
        y(tick) + 4,
      )
    }" text-anchor="end">${
      isShare ? `${Math.round(100 * tick)} %` : tick.toPrecision(3)
    }</text>
    `
  );
  const feet = places.map((place) =>
    markup`<text x="${round(x(place))}" y="${
      HEIGHT - BOTTOM + 18
    }" text-anchor="middle">${place}</text>`
  );
  const lines = curves.map((curve, i) => curveHtml(curve, i, { x, y }));
  const keys = curves.map(({ name }, i) =>
    markup`<span class="key"><i style="background:${
      colour(i)
    }"></i>${name}</span>`
  );
  return markup`
    <h2>${title}</h2>
    <figure class="plot">
      <svg viewBox="0 0 ${WIDTH} ${HEIGHT}" role="img"
        aria-label="${title}">
    ${grid}${feet}
    <text x="${(LEFT + WIDTH - RIGHT) / 2}" y="${
    HEIGHT -
    6
  }" text-anchor="middle">${xName}</text>
    ${lines}</svg>
      <figcaption>${yName}, with 95 % intervals: ${keys}</figcaption>
    </figure>
  `;
}

function curveHtml(
  { points }: ReportCurve,
  index: number,
  { x, y }: {
    readonly x: (value: number) => number;
    readonly y: (value: number) => number;
  },
): Html {
  const stroke = colour(index);
  // Curves side by side, so that their intervals do not hide each other.
  const at = (value: number) => round(x(value) + 5 * (index - 1));
  const path = points.map((point) => `${at(point.x)},${round(y(point.mean))}`);
  const marks = points.map((point) =>
    markup`
      <line x1="${at(point.x)}" x2="${at(point.x)}" y1="${
      round(
        y(point.low),
      )
    }" y2="${round(y(point.high))}"
        stroke="${stroke}" stroke-width="2" opacity=".45" />
      <circle cx="${at(point.x)}" cy="${
      round(
        y(point.mean),
      )
    }" r="3.5" fill="${stroke}" />
    `
  );
  return markup`
    <polyline points="${path.join(" ")}" fill="none" stroke="${stroke}"
      stroke-width="2" />${marks}
  `;
}

function colour(index: number): string {
  return COLOURS[index % COLOURS.length]!;
}

function round(value: number): number {
  return Math.round(10 * value) / 10;
}
