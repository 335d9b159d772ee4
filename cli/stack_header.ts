/**
 * The head of a picture of a model: its name, its parameters as one bar, and a
 * card for each part.
 *
 * @module
 */

import { type ModelPlan, type PartPlan, showBytes } from "../mod.ts";
import { PART_ORDER } from "./plan_text.ts";
import { showCount, showExactly } from "./show_count.ts";
import {
  type Box,
  element,
  flame,
  INK,
  roundedBox,
  snowflake,
  type Tone,
  TONES,
  words,
} from "./svg.ts";

/** Titles of parts. */
export const PART_TITLES = {
  vision: "Vision encoder",
  resampler: "Resampler",
  crossAttention: "Gated cross-attention",
  language: "Language model",
  text: "Text encoder",
} as const;

/** A slot that a plan may have. */
export type PlannedSlot = keyof typeof PART_TITLES;

/** Height of the head. */
export const HEADER_HEIGHT = 244;

/** Precisions whose bytes a card tells. */
const SHOWN_BYTES = ["f16", "int8", "int4"] as const;

const BAR_Y = 96, BAR_HEIGHT = 12;
const CARD_Y = 124, CARD_HEIGHT = 98, CARD_GAP = 12;

/** Colours of a part: warm where it was trained; two depths of each. */
export function toneOf(slot: PlannedSlot, { trainable }: PartPlan): Tone {
  const isDeep = slot === "language" || slot === "crossAttention";
  if (trainable) return isDeep ? TONES.trainedDeep : TONES.trained;
  return isDeep ? TONES.frozenDeep : TONES.frozen;
}

/** A snowflake for a frozen part, a flame for a trained one. */
export function stateMark(
  x: number,
  y: number,
  { trainable }: Pick<PartPlan, "trainable">,
  radius: number = 6,
): string {
  return trainable
    ? flame(x, y, { radius, fill: TONES.trained.stroke })
    : snowflake(x, y, { radius, stroke: TONES.frozen.stroke });
}

/** The head, in a picture of that width with such margins. */
export function stackHeader(
  plan: ModelPlan,
  { width, margin }: { readonly width: number; readonly margin: number },
): string[] {
  const slots = PART_ORDER.filter((slot) => plan.parts[slot] !== undefined);
  const inner = width - 2 * margin;
  const counts = [
    `${showCount(plan.total)} parameters`,
    ...(plan.trainable > 0 ? [`${showCount(plan.trainable)} trained`] : []),
    ...(plan.trainable > 0 && plan.frozen > 0
      ? [`${showCount(plan.frozen)} frozen`]
      : []),
  ].join("  ·  ");
  const cardWidth = Math.min(
    300,
    (inner - CARD_GAP * (slots.length - 1)) / slots.length,
  );
  return [
    words(margin, 54, plan.name, { size: 26, weight: 650 }),
    words(margin, 78, counts, { size: 14, fill: INK.faint }),
    ...legend(width - margin),
    ...bar(plan, slots, { x: margin, width: inner }),
    ...slots.flatMap((slot, i) =>
      card(slot, plan.parts[slot]!, {
        x: margin + i * (cardWidth + CARD_GAP),
        y: CARD_Y,
        width: cardWidth,
        height: CARD_HEIGHT,
      })
    ),
  ];
}

/** What the marks mean, up to the right edge. */
function legend(right: number): string[] {
  const y = 49;
  return [
    stateMark(right - 150, y - 1, { trainable: true }, 7),
    words(right - 138, y + 4, "trained", { fill: INK.faint }),
    stateMark(right - 58, y - 1, { trainable: false }, 7),
    words(right - 45, y + 4, "frozen", { fill: INK.faint }),
  ];
}

/** Parameters of parts side by side; small ones stay visible. */
function bar(
  { parts, total }: ModelPlan,
  slots: readonly PlannedSlot[],
  { x, width }: Pick<Box, "x" | "width">,
): string[] {
  const least = 4, gap = 2;
  const shares = slots.map((slot) =>
    Math.max(least, width * parts[slot]!.parameters / Math.max(1, total))
  );
  const scale = (width - gap * (slots.length - 1)) /
    shares.reduce((a, b) => a + b, 0);
  let at = x;
  return slots.map((slot, i) => {
    const wide = shares[i]! * scale;
    const shape = roundedBox(
      { x: at, y: BAR_Y, width: wide, height: BAR_HEIGHT },
      { fill: toneOf(slot, parts[slot]!).stroke, rx: Math.min(3, wide / 2) },
    );
    at += wide + gap;
    return shape;
  });
}

function card(slot: PlannedSlot, part: PartPlan, box: Box): string[] {
  const { x, y, width, height } = box;
  const tone = toneOf(slot, part);
  return [
    roundedBox(box, { fill: TONES.plain.fill, rx: 8 }),
    element("rect", {
      x,
      y: y + 10,
      width: 3,
      height: height - 20,
      fill: tone.stroke,
      rx: 1.5,
    }),
    words(x + 16, y + 24, PART_TITLES[slot], { weight: 600 }),
    stateMark(x + width - 18, y + 19, part),
    words(x + 16, y + 47, showCount(part.parameters), {
      size: 18,
      weight: 600,
    }),
    words(x + width - 14, y + 46, showExactly(part.parameters), {
      size: 11.5,
      fill: INK.faint,
      anchor: "end",
    }),
    ...SHOWN_BYTES.flatMap((dtype, i) => {
      const at = x + 16 + i * (width - 28) / SHOWN_BYTES.length;
      return [
        words(at, y + 68, dtype, { size: 10.5, fill: INK.faint }),
        words(at, y + 84, showBytes(part.bytes[dtype]), { size: 11.5 }),
      ];
    }),
  ];
}
