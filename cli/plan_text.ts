/**
 * A model's plan as a table.
 *
 * @module
 */

import { type ModelPlan, PLANNED_DTYPES, showBytes } from "../mod.ts";
import { showCount, showExactly, showFlops } from "./show_count.ts";
import { alignRows } from "./table.ts";

/** What parts are called in words. */
export const PART_NAMES = {
  vision: "vision",
  resampler: "resampler",
  crossAttention: "cross-attention",
  language: "language",
  text: "text",
} as const;

/** Parts in the order of the way from picture to text. */
export const PART_ORDER = [
  "vision",
  "resampler",
  "crossAttention",
  "language",
  "text",
] as const;

/** The plan in lines; `partNames` are the names of parts by slot. */
export function planText(
  plan: ModelPlan,
  partNames: Readonly<Partial<Record<string, string>>>,
): string {
  return [
    plan.name,
    ...(plan.note === undefined ? [] : [...wrapped(plan.note, 79)]),
    "",
    ...partTable(plan, partNames),
    "",
    ...alignRows(facts(plan)),
    "",
    ...deviceLines(plan),
    "",
  ].join("\n");
}

function partTable(
  { parts, total, trainable, frozen }: ModelPlan,
  partNames: Readonly<Partial<Record<string, string>>>,
): string[] {
  const head = ["", "", "parameters", "", ...PLANNED_DTYPES, ""];
  const rows = PART_ORDER.flatMap((slot) => {
    const part = parts[slot];
    return part === undefined ? [] : [[
      PART_NAMES[slot],
      partNames[slot] ?? "",
      showExactly(part.parameters),
      showCount(part.parameters),
      ...PLANNED_DTYPES.map((dtype) => showBytes(part.bytes[dtype])),
      part.trainable ? "trained" : "frozen",
    ]];
  });
  const sums = PLANNED_DTYPES.map((dtype) =>
    showBytes(
      Object.values(parts).reduce((sum, { bytes }) => sum + bytes[dtype], 0),
    )
  );
  const count = (
    name: string,
    value: number,
    bytes: readonly string[] = [],
  ) => [name, "", showExactly(value), showCount(value), ...bytes];
  const lines = alignRows([
    head,
    ...rows,
    count("total", total, sums),
    count("trained", trainable),
    count("frozen", frozen),
  ], { right: [2, 3, 4, 5, 6, 7] });
  const rule = "─".repeat(Math.max(...lines.map(({ length }) => length)));
  lines.splice(1 + rows.length, 0, rule);
  lines.splice(1, 0, rule);
  return lines;
}

function facts(
  { kvBytesPerToken, mediaBytesPerImage, flops, parts }: ModelPlan,
): string[][] {
  const { image, promptToken, decodeToken } = flops;
  const work = (name: string, value: number | null, what: string) =>
    value === null ? [] : [[name, `${showFlops(value)} ${what}`]];
  const caches = [
    ["keys and values", `${showBytes(kvBytesPerToken)} a token`],
    ...(parts.crossAttention
      ? [["", `${showBytes(mediaBytesPerImage)} a picture`]]
      : []),
  ];
  return [
    ...(parts.language ? caches : []),
    ...work("work", image, "a picture"),
    ...work("", promptToken, "a prompt token, 128 at once"),
    ...work("", decodeToken, "a token after 128 others"),
  ];
}

function deviceLines({ device }: ModelPlan): string[] {
  const { name, memoryBytes, fits, why } = device;
  if (name === null) return [`device  none: ${why.join("; ")}`];
  const room = memoryBytes === null ? "" : ` with ${showBytes(memoryBytes)}`;
  const answers = PLANNED_DTYPES.map((dtype) =>
    `${dtype} ${fits[dtype] ? "fits" : "does not fit"}`
  );
  return [
    `device  ${name}${room}`,
    `        ${answers.join(", ")}`,
    ...why.map((reason) => `        - ${reason}`),
  ];
}

/** Words in lines of at most so many letters. */
export function wrapped(text: string, most: number): string[] {
  const lines: string[] = [];
  for (const word of text.split(/\s+/)) {
    const last = lines.at(-1);
    if (last === undefined || last.length + 1 + word.length > most) {
      lines.push(word);
    } else lines[lines.length - 1] = `${last} ${word}`;
  }
  return lines;
}
