/**
 * Reports as one HTML file that holds everything: pictures, styles, plots. It
 * runs no script and asks nothing of a network.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { ImageProcessor } from "../../models/slots.ts";
import { confusionHtml } from "./confusion_html.ts";
import { explanationHtml } from "./explanation_html.ts";
import { Html, markup } from "./html.ts";
import { PictureInliner } from "./inline_picture.ts";
import { plotHtml } from "./plot_html.ts";
import type {
  Report,
  ReportRow,
  ReportSection,
  ReportTable,
} from "./report.ts";
import { REPORT_STYLE } from "./report_style.ts";

/** Options of `reportHtml` and `writeReport`. */
export interface ReportOptions {
  /** Reads pictures, and tells what an encoder is shown, e.g. `model.image`. */
  readonly image?: ImageProcessor | undefined;
  /** Longest side of pictures on the page. Default 192. */
  readonly px?: number;
  /** Rows of a section that are shown; others are counted. Default 500. */
  readonly mostRows?: number;
}

/** Pictures in rows of examples. */
const SHOT_PX = 64;

/** Labels of a ranking that are shown. */
const MOST_SCORES = 5;

/**
 * Writes a report.
 *
 * @throws {RookeryError} `file` where it cannot be written
 */
export async function writeReport(
  path: string,
  report: Report,
  options: ReportOptions = {},
): Promise<void> {
  const text = await reportHtml(report, options);
  try {
    await Deno.writeTextFile(path, text);
  } catch (cause) {
    const reason = cause instanceof Error ? cause.message : cause;
    throw new RookeryError(
      "file",
      `Cannot write the report ${path}: ${reason}: check the path`,
      { path, cause },
    );
  }
}

/** A report as the text of an HTML file. Pictures that cannot be read are left out. */
export async function reportHtml(
  report: Report,
  options: ReportOptions = {},
): Promise<string> {
  const { title, lead = [], facts, tables = [], plots = [] } = report;
  const page = new PageWriter(options);
  const sections: Html[] = [];
  for (const section of report.sections) {
    sections.push(await page.section(section));
  }
  const { truth = [] } = report.confusion ?? {};
  const body = markup`
    <!DOCTYPE html>
    <html lang="en">
      <head>
        <meta charset="utf-8">
        <meta name="viewport" content="width=device-width, initial-scale=1">
        <title>${title}</title>
        <style>${new Html(REPORT_STYLE)}</style>
      </head>
      <body>
    <h1>${title}</h1>
    ${lead.map((line) => markup`<p>${line}</p>\n`)}${
    facts !== undefined &&
    markup`<p class="faint">${facts}</p>\n`
  }${tables.map(tableHtml)}${
    plots.map(
      plotHtml,
    )
  }
    ${truth.length > 0 && confusionHtml(report.confusion!)}
    ${sections}
      </body>
    </html>
  `;
  return body.text;
}

function tableHtml({ title, heads, rows }: ReportTable): Html {
  const cells = (row: readonly string[]) =>
    row.map((cell) => markup`<td>${cell}</td>`);
  return markup`
    <h2>${title}</h2>
    <div class="wide">
      <table>
        <thead>
          <tr>${heads.map((head) => markup`<th scope="col">${head}</th>`)}</tr>
        </thead>
        <tbody>
    ${rows.map((row) => markup`<tr>${cells(row)}</tr>\n`)}</tbody>
      </table>
    </div>
  `;
}

/** Writes sections; reads their pictures. */
class PageWriter {
  readonly #pictures: PictureInliner;
  readonly #px: number;
  readonly #mostRows: number;

  constructor({ image, px = 192, mostRows = 500 }: ReportOptions) {
    this.#pictures = new PictureInliner(image);
    this.#px = px;
    this.#mostRows = mostRows;
  }

  async section({ title, note, rows }: ReportSection): Promise<Html> {
    const cards: Html[] = [];
    for (const row of rows.slice(0, this.#mostRows)) {
      cards.push(await this.#card(row));
    }
    const left = rows.length - cards.length;
    return markup`<h2>${title}</h2>
${
      note !== undefined && markup`<p class="faint">${note}</p>\n`
    }<div class="cards">
${cards}</div>
${left > 0 && markup`<p class="faint">and ${left} more</p>\n`}`;
  }

  async #card(row: ReportRow): Promise<Html> {
    const { image, label, note, question, answers = [], explanation } = row;
    const picture = image !== undefined &&
      await this.#imageHtml(() => this.#pictures.thumbnail(image, this.#px), {
        alt: label,
      });
    const view = explanation && image !== undefined
      ? await this.#pictures.view(image).catch(() => undefined)
      : undefined;
    const shots: Html[] = [];
    for (const { image, label } of row.shots ?? []) {
      const uri = () => this.#pictures.thumbnail(image, SHOT_PX);
      const shown = await this.#imageHtml(uri, { alt: label });
      if (shown) shots.push(shown);
    }
    const kind = explanation ? "card explained" : "card";
    return markup`
      <figure class="${kind}">${picture}<figcaption>
      <p><span class="label">${label}</span>${
      note !== undefined &&
      markup`<span class="faint"> ${note}</span>`
    }</p>
      ${
      question !== undefined &&
      markup`<p class="faint">${question}</p>\n`
    }${
      answers.map(
        answerHtml,
      )
    }${
      row.error !== undefined &&
      markup`<p class="wrong">${row.error}</p>\n`
    }${
      row.scores &&
      scoresHtml(row.scores)
    }${
      explanation &&
      explanationHtml(explanation, view)
    }${
      shots.length > 0 &&
      markup`<div class="shots">${shots}</div>`
    }</figcaption></figure>
    `;
  }

  async #imageHtml(
    uri: () => Promise<string>,
    { alt }: { readonly alt: string },
  ): Promise<Html | undefined> {
    const source = await uri().catch(() => undefined);
    return source === undefined
      ? undefined
      : markup`<img src="${source}" alt="${alt}" title="${alt}">`;
  }
}

function answerHtml(
  { name, text, isRight }: NonNullable<ReportRow["answers"]>[number],
): Html {
  const begin = name === undefined ? "" : `${name}: `;
  if (isRight === undefined) return markup`<p>${begin}${text}</p>\n`;
  const [kind, mark] = isRight ? ["right", "✓"] : ["wrong", "✗"];
  return markup`<p class="${kind}">${mark} ${begin}${text}</p>\n`;
}

function scoresHtml(scores: Readonly<Record<string, number>>): Html {
  const ranked = Object.entries(scores).sort(([, a], [, b]) => b - a);
  const rows = ranked.slice(0, MOST_SCORES).map(([label, score]) =>
    markup`
      <tr>
        <td>${label}</td>
        <td>${score.toFixed(2)}</td>
      </tr>
    `
  );
  const left = ranked.length - rows.length;
  return markup`
    <table class="faint">
      <tbody>${rows}</tbody>
    </table>${left > 0 && markup`<p class="faint">and ${left} more</p>`}
  `;
}
