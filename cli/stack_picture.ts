/**
 * A picture of an assembled model: the way from pixels to latents on the left,
 * the language model's layers on the right with the gated blocks where they
 * stand, what was trained in warm colours and what was not in cool ones.
 *
 * @module
 */

import type { LayerOutline, ModelOutline, ModelPlan } from "../mod.ts";
import { showBytes } from "../mod.ts";
import { wrapped } from "./plan_text.ts";
import { showFlops } from "./show_count.ts";
import {
  HEADER_HEIGHT,
  PART_TITLES,
  type PlannedSlot,
  stackHeader,
  stateMark,
  toneOf,
} from "./stack_header.ts";
import { layerRows } from "./stack_layers.ts";
import {
  type Box,
  INK,
  polyline,
  svgPicture,
  toneBox,
  TONES,
  words,
} from "./svg.ts";

/** What is drawn. */
export interface StackDrawing {
  /** Its counts. */
  readonly plan: ModelPlan;
  /** Its parts. */
  readonly outline: ModelOutline;
  /** Its layers. */
  readonly layers: readonly LayerOutline[];
}

const WIDTH = 1040, MARGIN = 36;
const COLUMN = 300; // of the parts that read pictures
const BUS_X = MARGIN + COLUMN + 34;
const GATED = [BUS_X + 38, 208] as const;
const ENDS_HEIGHT = 34;
const ALONE_WIDTH = 520; // of layers without eyes

/** The picture, as SVG. */
export function stackPicture(drawing: StackDrawing): string {
  const { plan } = drawing;
  const top = HEADER_HEIGHT + 24;
  const eyes = drawEyes(drawing, top);
  const stack = drawStack(drawing, { top, latentsY: eyes.latentsY });
  const bottom = Math.max(eyes.bottom, stack.bottom);
  const notes = footer(plan, bottom + 40);
  return svgPicture(
    { width: WIDTH, height: notes.bottom + 28, title: `${plan.name}: layers` },
    [
      ...stackHeader(plan, { width: WIDTH, margin: MARGIN }),
      ...eyes.shapes,
      ...stack.shapes,
      ...notes.shapes,
    ],
  );
}

/** Shapes, and where they end. */
interface Drawn {
  readonly shapes: readonly string[];
  readonly bottom: number;
}

/** Picture, vision encoder and resampler below each other. */
function drawEyes(
  { plan, outline: { parts } }: StackDrawing,
  top: number,
): Drawn & { readonly latentsY: number | undefined } {
  const { vision, resampler, text } = parts;
  if (vision === undefined) {
    return { shapes: [], bottom: top, latentsY: undefined };
  }
  const { px, positions, width } = vision.value;
  const x = MARGIN, middle = MARGIN + COLUMN / 2;
  const shapes = [
    toneBox({ x, y: top, width: COLUMN, height: ENDS_HEIGHT }, TONES.plain),
    words(middle, top + 22, `picture  ${px} × ${px}`, { anchor: "middle" }),
  ];
  let y = top + ENDS_HEIGHT;
  const place = (slot: PlannedSlot, name: string, fact: string): number => {
    const box = { x, y: y + 26, width: COLUMN, height: 82 };
    shapes.push(
      polyline([[middle, y], [middle, box.y - 1]], { isArrow: true }),
      ...partBox({ slot, name, fact }, plan, box),
    );
    y = box.y + box.height;
    return box.y + box.height / 2;
  };
  place("vision", vision.part.name, `${positions} features of width ${width}`);
  const latentsY = resampler &&
    place(
      "resampler",
      resampler.part.name,
      `${resampler.value.latents} latents of width ${resampler.value.width}`,
    );
  if (text !== undefined) {
    const box = {
      x: MARGIN + COLUMN + 60,
      y: top + 60,
      width: COLUMN,
      height: 82,
    };
    const fact = `vectors of width ${text.value.width}`;
    const name = text.part.name;
    shapes.push(...partBox({ slot: "text", name, fact }, plan, box));
  }
  return { shapes, bottom: y, latentsY };
}

function partBox(
  { slot, name, fact }: {
    readonly slot: PlannedSlot;
    readonly name: string;
    readonly fact: string;
  },
  plan: ModelPlan,
  box: Box,
): string[] {
  const part = plan.parts[slot]!, tone = toneOf(slot, part);
  const { x, y, width } = box;
  return [
    toneBox(box, tone),
    words(x + 18, y + 27, PART_TITLES[slot], {
      size: 14.5,
      weight: 600,
      fill: tone.text,
    }),
    stateMark(x + width - 22, y + 22, part, 7),
    words(x + 18, y + 47, name, { size: 12, fill: tone.text, isMono: true }),
    words(x + 18, y + 67, fact, { size: 12, fill: tone.text }),
  ];
}

/** Embedding, layers and head; latents come in from the left. */
function drawStack(
  { plan, outline: { parts }, layers }: StackDrawing,
  { top, latentsY }: {
    readonly top: number;
    readonly latentsY: number | undefined;
  },
): Drawn {
  const { language, crossAttention } = parts;
  if (language === undefined) return { shapes: [], bottom: top };
  const hasEyes = latentsY !== undefined;
  const x = hasEyes ? GATED[0] + GATED[1] + 34 : MARGIN;
  const width = hasEyes ? WIDTH - MARGIN - x : ALONE_WIDTH;
  const middle = x + width / 2;
  const { vocabulary, width: d, context } = language.value;
  const rows = layerRows(layers, plan, {
    y: top + ENDS_HEIGHT + 18,
    busX: hasEyes ? BUS_X : undefined,
    gated: GATED,
    layer: [x, width],
  });
  const end = rows.bottom + 18;
  const tone = toneOf("language", plan.parts.language!);
  const ends = (y: number, name: string, fact: string): string[] => [
    toneBox({ x, y, width, height: ENDS_HEIGHT }, tone),
    words(x + 14, y + 22, name, { weight: 600, fill: tone.text }),
    words(x + width - 34, y + 22, fact, {
      size: 12,
      fill: tone.text,
      anchor: "end",
    }),
    stateMark(x + width - 16, y + ENDS_HEIGHT / 2, plan.parts.language!),
  ];
  const count = vocabulary.toLocaleString("en-US");
  return {
    shapes: [
      polyline([[middle, top + ENDS_HEIGHT], [middle, end]], {
        stroke: tone.stroke,
        width: 2,
      }),
      ...(rows.lastGated === undefined || latentsY === undefined ? [] : [
        words(GATED[0], top - 10, crossAttention!.part.name, {
          size: 12,
          fill: toneOf("crossAttention", plan.parts.crossAttention!).text,
          isMono: true,
        }),
        latentsLine(plan, { latentsY, lastGated: rows.lastGated, top }),
      ]),
      words(x, top - 10, language.part.name, {
        size: 12,
        fill: tone.text,
        isMono: true,
      }),
      ...ends(top, "Embedding", `${count} tokens to width ${d}`),
      ...rows.shapes,
      ...ends(end, "Head", `${count} logits, context ${context}`),
    ],
    bottom: end + ENDS_HEIGHT,
  };
}

/** From the resampler to the line beside the gated blocks, and along it. */
function latentsLine(
  plan: ModelPlan,
  { latentsY, lastGated, top }: {
    readonly latentsY: number;
    readonly lastGated: number;
    readonly top: number;
  },
): string {
  const { stroke } = toneOf("crossAttention", plan.parts.crossAttention!);
  const firstGated = top + ENDS_HEIGHT + 18 + 12;
  const from = MARGIN + COLUMN;
  return polyline([[from, latentsY], [BUS_X, latentsY]], { stroke, width: 2 }) +
    polyline([[BUS_X, Math.min(latentsY, firstGated)], [
      BUS_X,
      Math.max(latentsY, lastGated),
    ]], { stroke, width: 2 });
}

/** Caches, work and the note below all. */
function footer(plan: ModelPlan, top: number): Drawn {
  const { image, promptToken, decodeToken } = plan.flops;
  const lines = [
    ...(plan.parts.language
      ? [
        `keys and values ${showBytes(plan.kvBytesPerToken)} a token` +
        (plan.parts.crossAttention
          ? `, ${showBytes(plan.mediaBytesPerImage)} a picture`
          : ""),
      ]
      : []),
    [
      ...(image === null ? [] : [`${showFlops(image)} a picture`]),
      ...(promptToken === null
        ? []
        : [`${showFlops(promptToken)} a prompt token`]),
      ...(decodeToken === null
        ? []
        : [`${showFlops(decodeToken)} a token drawn`]),
    ].join("  ·  "),
    ...(plan.note === undefined ? [] : wrapped(plan.note, 150)),
  ];
  return {
    shapes: lines.map((line, i) =>
      words(MARGIN, top + 20 * i, line, { size: 12.5, fill: INK.faint })
    ),
    bottom: top + 20 * (lines.length - 1),
  };
}
