/**
 * The demo's contact sheet: one PNG with every picture and what was said.
 *
 * @module
 */

import type { Image } from "imagescript";
import type { Picture } from "../mod.ts";
import {
  type DemoReport,
  type JudgedCaption,
  summaryOf,
} from "./demo_report.ts";
import { drawTexts, type TextStyle } from "./draw_text.ts";

const COLUMNS = 4;
const CARD = { width: 232, height: 232, picture: 128 } as const;
const MARGIN = 24;
const HEADER = 76;
const COLOURS = {
  page: 0xf6f7f9ff,
  card: 0xffffffff,
  ink: 0x1d232bff,
  faint: 0x66707cff,
  right: 0x14733bff,
  wrong: 0xb3362bff,
} as const;

/** A text and where it goes; its anchor is the top left, or the top middle. */
interface Placed {
  readonly text: string;
  readonly x: number;
  readonly y: number;
  readonly style: TextStyle;
  readonly isCentred?: boolean;
}

/** Reads and decodes a picture file. */
export type ReadPicture = (path: string) => Promise<Picture>;

/** Draws the sheet; gives a PNG file. */
export async function drawContactSheet(
  report: DemoReport,
  read: ReadPicture,
): Promise<Uint8Array> {
  const { Image } = await import("imagescript");
  const { pictures, word } = report;
  const rows = Math.ceil(pictures.length / COLUMNS) + 1;
  const sheet = new Image(
    2 * MARGIN + COLUMNS * CARD.width,
    HEADER + rows * CARD.height + MARGIN,
  ).fill(COLOURS.page);
  const texts: Placed[] = headerTexts(report);
  for (const [i, picture] of pictures.entries()) {
    const at = cardAt(i);
    drawCard(sheet, at, await toImage(await read(picture.path)));
    texts.push(...captionTexts(at, picture.label, [
      ["0 shots", picture.zeroShot],
      ["4 shots", picture.fourShot],
    ]));
  }
  const first = (rows - 1) * COLUMNS;
  for (const [i, { path, label }] of word.supports.entries()) {
    const at = cardAt(first + i);
    drawCard(sheet, at, await toImage(await read(path)));
    texts.push(...wordTexts(at, `taught: ${label}`));
  }
  const at = cardAt(first + word.supports.length);
  drawCard(sheet, at, await toImage(await read(word.query.path)));
  const verdict = { ...word.written, isRight: word.isRight };
  texts.push(...captionTexts(at, word.query.label, [
    ["ranked first", { ...verdict, text: word.ranking[0]?.word ?? "" }],
    ["written", word.written],
  ]));
  await drawAll(sheet, texts);
  return await sheet.encode();
}

interface Point {
  readonly x: number;
  readonly y: number;
}

function cardAt(index: number): Point {
  return {
    x: MARGIN + (index % COLUMNS) * CARD.width,
    y: HEADER + Math.floor(index / COLUMNS) * CARD.height,
  };
}

/** A white card with a picture, 4 pixels inside its cell. */
function drawCard(sheet: Image, { x, y }: Point, picture: Image): void {
  const [width, height] = [CARD.width - 8, CARD.height - 8];
  sheet.drawBox(x + 4, y + 4, width, height, COLOURS.card);
  const scale = CARD.picture / Math.max(picture.width, picture.height);
  picture.resize(
    Math.max(1, Math.round(picture.width * scale)),
    Math.max(1, Math.round(picture.height * scale)),
  );
  const left = x + Math.round((CARD.width - picture.width) / 2);
  sheet.composite(picture, left, y + 16);
}

function headerTexts(report: DemoReport): Placed[] {
  const [scores, times] = summaryOf(report);
  const faint = { size: 11, colour: COLOURS.faint };
  return [
    {
      text: `Rookery: ${report.model} on ${report.device}`,
      x: MARGIN + 4,
      y: 10,
      style: { size: 18, colour: COLOURS.ink },
    },
    { text: scores, x: MARGIN + 4, y: 36, style: faint },
    { text: times, x: MARGIN + 4, y: 53, style: faint },
  ];
}

function wordTexts({ x, y }: Point, text: string): Placed[] {
  return [{
    text: shortened(text),
    x: x + CARD.width / 2,
    y: y + CARD.picture + 24,
    style: { size: 15, colour: COLOURS.ink },
    isCentred: true,
  }];
}

function captionTexts(
  at: Point,
  label: string,
  captions: readonly (readonly [name: string, caption: JudgedCaption])[],
): Placed[] {
  return [
    ...wordTexts(at, label),
    ...captions.map(([name, { text, isRight }], i) => ({
      text: shortened(`${isRight ? "✓" : "✗"} ${name}: ${text}`),
      x: at.x + CARD.width / 2,
      y: at.y + CARD.picture + 48 + 20 * i,
      style: { size: 12, colour: isRight ? COLOURS.right : COLOURS.wrong },
      isCentred: true,
    })),
  ];
}

/** Text that fits a card. */
function shortened(text: string): string {
  return text.length > 30 ? `${text.slice(0, 29)}…` : text;
}

/** Draws texts, those of one style at once. */
async function drawAll(sheet: Image, texts: readonly Placed[]): Promise<void> {
  const groups = Map.groupBy(texts, ({ style }) => JSON.stringify(style));
  for (const group of groups.values()) {
    const drawn = await drawTexts(
      group.map(({ text }) => text),
      group[0]!.style,
    );
    for (const [i, { x, y, isCentred }] of group.entries()) {
      const width = isCentred ? inkWidth(drawn[i]!) : 0;
      sheet.composite(drawn[i]!, Math.round(x - width / 2), y);
    }
  }
}

/** Columns up to the last that has ink; lines are as wide as the longest. */
function inkWidth({ bitmap, width, height }: Image): number {
  for (let x = width - 1; x >= 0; x--) {
    for (let y = 0; y < height; y++) {
      if (bitmap[4 * (y * width + x) + 3]! > 0) return x + 1;
    }
  }
  return 0;
}

async function toImage({ width, height, data }: Picture): Promise<Image> {
  const { Image } = await import("imagescript");
  const image = new Image(width, height);
  image.bitmap.set(data);
  return image;
}
