/**
 * Pictures as SVG text: shapes, words and the colours they share. Needs no
 * font but the reader's own, and has a ground of its own, so that it can be
 * read on light and dark pages.
 *
 * @module
 */

/** Attributes of an element; undefined ones are left out. */
export type SvgAttributes = Readonly<
  Record<string, string | number | undefined>
>;

/** A point or the size of a box. */
export interface Box {
  /** Left edge. */
  readonly x: number;
  /** Upper edge. */
  readonly y: number;
  /** From left to right. */
  readonly width: number;
  /** From top to bottom. */
  readonly height: number;
}

/** Colours of one kind of thing. */
export interface Tone {
  /** Of areas. */
  readonly fill: string;
  /** Of edges and bars. */
  readonly stroke: string;
  /** Of words on areas. */
  readonly text: string;
}

/** All colours. */
export const TONES = {
  frozen: { fill: "#e6f0f9", stroke: "#5a8fbe", text: "#1d4a73" },
  frozenDeep: { fill: "#d3e4f3", stroke: "#3c6e9c", text: "#173b5c" },
  trained: { fill: "#fdebdc", stroke: "#dd7d33", text: "#8a3f0c" },
  trainedDeep: { fill: "#fbdcc3", stroke: "#bb5a18", text: "#6f3008" },
  plain: { fill: "#f4f6f8", stroke: "#b9c3cd", text: "#2a3642" },
} as const satisfies Readonly<Record<string, Tone>>;

/** Words: dark and faint; lines; the ground and its edge. */
export const INK = {
  dark: "#17212b",
  faint: "#66727f",
  line: "#93a1ae",
  ground: "#ffffff",
  edge: "#d5dce3",
} as const;

const SANS =
  "system-ui, -apple-system, 'Segoe UI', Roboto, Helvetica, Arial, sans-serif";
const MONO = "ui-monospace, SFMono-Regular, Menlo, Consolas, monospace";

/** An element with what is in it. */
export function element(
  name: string,
  attributes: SvgAttributes,
  content: string = "",
): string {
  const words = Object.entries(attributes)
    .filter(([, value]) => value !== undefined)
    .map(([key, value]) => ` ${key}="${escaped(shown(value!))}"`).join("");
  return content === ""
    ? `<${name}${words}/>`
    : `<${name}${words}>${content}</${name}>`;
}

/** A whole picture on its own ground. */
export function svgPicture(
  { width, height, title }: {
    readonly width: number;
    readonly height: number;
    readonly title: string;
  },
  shapes: readonly string[],
): string {
  const ground = roundedBox(
    { x: 0.5, y: 0.5, width: width - 1, height: height - 1 },
    { fill: INK.ground, stroke: INK.edge, rx: 14 },
  );
  const content = [
    element("title", {}, escaped(title)),
    ground,
    ...shapes,
  ].join("\n");
  return element("svg", {
    xmlns: "http://www.w3.org/2000/svg",
    viewBox: `0 0 ${shown(width)} ${shown(height)}`,
    width,
    height,
    "font-family": SANS,
    "font-size": 13,
    fill: INK.dark,
    role: "img",
  }, `\n${content}\n`) + "\n";
}

/** A box with round corners. */
export function roundedBox(
  { x, y, width, height }: Box,
  attributes: SvgAttributes,
): string {
  return element("rect", { x, y, width, height, rx: 7, ...attributes });
}

/** A box in a tone. */
export function toneBox(box: Box, { fill, stroke }: Tone): string {
  return roundedBox(box, { fill, stroke, "stroke-width": 1.25 });
}

/** Options of `words`. */
export interface WordOptions {
  /** Height of letters in pixels. Default 13. */
  readonly size?: number;
  /** Colour. */
  readonly fill?: string;
  /** 400 or, by default, that; 600 for headings. */
  readonly weight?: number;
  /** Which end stands at x. */
  readonly anchor?: "start" | "middle" | "end";
  /** Letters of one width. */
  readonly isMono?: boolean;
}

/** A line of words with its base line at y. */
export function words(
  x: number,
  y: number,
  text: string,
  { size, fill, weight, anchor, isMono }: WordOptions = {},
): string {
  return element("text", {
    x,
    y,
    "font-size": size,
    fill,
    "font-weight": weight,
    "text-anchor": anchor === "start" ? undefined : anchor,
    "font-family": isMono ? MONO : undefined,
    "xml:space": isMono ? "preserve" : undefined,
  }, escaped(text));
}

/** A line through points; with an arrow's head at its end if wanted. */
export function polyline(
  points: readonly (readonly [x: number, y: number])[],
  { stroke = INK.line, width = 1.5, isArrow = false, dash }: {
    readonly stroke?: string;
    readonly width?: number;
    readonly isArrow?: boolean;
    readonly dash?: string;
  } = {},
): string {
  const line = element("polyline", {
    points: points.map(([x, y]) => `${shown(x)},${shown(y)}`).join(" "),
    fill: "none",
    stroke,
    "stroke-width": width,
    "stroke-linejoin": "round",
    "stroke-dasharray": dash,
  });
  if (!isArrow || points.length < 2) return line;
  const [x, y] = points.at(-1)!, [fromX, fromY] = points.at(-2)!;
  const turn = Math.atan2(y - fromY, x - fromX) * 180 / Math.PI;
  const head = element("path", {
    d: "M1 0 L-7 -4 L-7 4 Z",
    fill: stroke,
    transform: `translate(${shown(x)} ${shown(y)}) rotate(${shown(turn)})`,
  });
  return line + head;
}

/** Six arms around a point: what stays as it was. */
export function snowflake(
  x: number,
  y: number,
  { radius = 6, stroke }: {
    readonly radius?: number;
    readonly stroke: string;
  },
): string {
  const arm = `M0 0 V${shown(-radius)} ` +
    `M${shown(-0.32 * radius)} ${shown(-0.92 * radius)} ` +
    `L0 ${shown(-0.58 * radius)} ` +
    `L${shown(0.32 * radius)} ${shown(-0.92 * radius)}`;
  const arms = Array.from(
    { length: 6 },
    (_, i) => element("path", { d: arm, transform: `rotate(${60 * i})` }),
  ).join("");
  return element("g", {
    transform: `translate(${shown(x)} ${shown(y)})`,
    fill: "none",
    stroke,
    "stroke-width": shown(0.2 * radius),
    "stroke-linecap": "round",
  }, arms);
}

/** A flame around a point: what was trained. */
export function flame(
  x: number,
  y: number,
  { radius = 6, fill }: { readonly radius?: number; readonly fill: string },
): string {
  return element("path", {
    d: "M0.6 -6.6 C1.4 -3.6 4.6 -2.2 4.6 1.6 C4.6 4.6 2.6 6.4 0 6.4 " +
      "C-2.6 6.4 -4.6 4.6 -4.6 1.8 C-4.6 -0.4 -3.4 -1.6 -2.6 -3 " +
      "C-2 -1.8 -1.6 -1.4 -0.8 -1.2 C-1.2 -3.2 -0.8 -5.2 0.6 -6.6 Z",
    fill,
    transform: `translate(${shown(x)} ${shown(y)}) scale(${
      shown(radius / 6.6)
    })`,
  });
}

/** Text with what XML reads as its own replaced. */
export function escaped(text: string): string {
  return text.replaceAll("&", "&amp;").replaceAll("<", "&lt;")
    .replaceAll(">", "&gt;").replaceAll('"', "&quot;");
}

/** A number without needless digits. */
function shown(value: string | number): string {
  return typeof value === "number"
    ? String(Math.round(value * 100) / 100)
    : value;
}
