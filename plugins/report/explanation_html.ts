/**
 * What a model looked at, word by word.
 *
 * @module
 */

import type { PictureRegion } from "../../models/seeing/read_regions.ts";
import { type Html, markup } from "./html.ts";
import { inlineHeat } from "./inline_picture.ts";
import type { ReportExplanation } from "./report.ts";

type Word = ReportExplanation["words"][number];

/** Runners-up of a word. */
const MOST_OTHERS = 3;

/** Words with maps over `view`, what the encoder was shown; then the gates. */
export function explanationHtml(
  { words, gates }: ReportExplanation,
  view: string | undefined,
): Html {
  const shown = words.map((word) => wordHtml(word, view));
  const bars = gates.map(({ layer, attention, dense }) =>
    markup`
      <tr>
        <th scope="row">${layer}</th>
        <td>${bar(attention)}</td>
        <td>${bar(dense)}</td>
      </tr>\n
    `
  );
  const opening = gates.length > 0 &&
    markup`
      <details>
        <summary>Gates by depth</summary>
        <table class="gates">
          <thead>
            <tr>
              <th>before layer</th>
              <th>attention</th>
              <th>feed-forward</th>
            </tr>
          </thead>
          <tbody>
      ${bars}</tbody>
        </table>
      </details>
    `;
  return markup`<div class="words">${shown}</div>${opening}`;
}

function wordHtml(word: Word, view: string | undefined): Html {
  const { text, chance, runnersUp, regions, grounding, isSupported } = word;
  const latest = regions.at(-1);
  const others = runnersUp.slice(0, MOST_OTHERS).map((other) =>
    markup`<li>${other.text.trim() || "␣"} <span>${
      percent(other.chance)
    }</span></li>`
  );
  const said = isSupported === false ? "unsupported" : "";
  const verdict = isSupported === false &&
    markup`<p class="wrong">not supported by the picture</p>`;
  const added = grounding &&
    markup`
      <p class="faint"
        title="log-likelihood over that with a blank picture">picture ${
      signed(
        grounding.overBlank,
      )
    } nats</p>
    `;
  return markup`
    <figure class="word">${latest && mapHtml(latest, view)}
    <figcaption><p class="label ${said}">${text}</p><p>${
    percent(
      chance,
    )
  }</p>${verdict}${added}
    <ol class="faint">${others}</ol>${readHtml(regions)}</figcaption></figure>
  `;
}

/** The map of the picture, of a video that of its most read frame. */
function mapHtml(
  { maps, side }: PictureRegion,
  view: string | undefined,
): Html | undefined {
  const sums = maps.map((map) => map.reduce((sum, cell) => sum + cell, 0));
  const map = maps[sums.indexOf(Math.max(...sums))];
  if (map === undefined || view === undefined) return undefined;
  return markup`
    <div
      class="map"><img src="${view}" alt=""><img class="heat" src="${
    inlineHeat(
      map,
      side,
    )
  }" alt="what was read"></div>
  `;
}

/** Which pictures were read, where there was a choice. */
function readHtml(regions: readonly PictureRegion[]): Html | undefined {
  if (regions.length < 2) return undefined;
  const shares = regions.map(({ picture, share }) =>
    `${picture}: ${percent(share)}`
  );
  return markup`<p class="faint">pictures ${shares.join(", ")}</p>`;
}

function bar(share: number): Html {
  const width = Math.round(100 * Math.min(1, share));
  return markup`<span class="bar" style="--share:${width}%"></span>${
    share.toFixed(2)
  }`;
}

function percent(share: number): string {
  const value = 100 * share;
  return value > 0 && value < 0.1 ? "< 0.1 %" : `${value.toFixed(1)} %`;
}

function signed(value: number): string {
  return `${value < 0 ? "−" : "+"}${Math.abs(value).toFixed(1)}`;
}
