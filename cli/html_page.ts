/**
 * The demo's page: one HTML file with everything in it.
 *
 * @module
 */

import { extname } from "node:path";
import type { LabelledPicture } from "./demo_list.ts";
import {
  type DemoPicture,
  type DemoReport,
  type DemoWord,
  type JudgedCaption,
  summaryOf,
} from "./demo_report.ts";

/** Reads a file's bytes. */
export type ReadBytes = (path: string) => Promise<Uint8Array>;

const STYLE = `
:root { color-scheme: light dark; --page: #f6f7f9; --card: #fff; --ink: #1d232b;
  --faint: #66707c; --line: #e3e6ea; --right: #14733b; --wrong: #b3362b; }
@media (prefers-color-scheme: dark) { :root { --page: #14171b; --card: #1d2126;
  --ink: #e8eaed; --faint: #9aa4b0; --line: #2c3238; --right: #5fcf8d;
  --wrong: #ff8f80; } }
* { box-sizing: border-box; }
body { margin: 0 auto; max-width: 68rem; padding: 2.5rem 1.25rem; line-height: 1.5;
  background: var(--page); color: var(--ink); font-family: system-ui, sans-serif; }
h1 { font-size: 1.5rem; margin: 0 0 .25rem; } h2 { font-size: 1.1rem; margin: 2.5rem 0 .25rem; }
p { margin: .25rem 0; } .faint { color: var(--faint); font-size: .875rem; }
.cards { display: grid; gap: 1rem; margin-top: 1rem;
  grid-template-columns: repeat(auto-fill, minmax(14.5rem, 1fr)); }
figure { margin: 0; padding: 1.25rem; background: var(--card);
  border: 1px solid var(--line); border-radius: .75rem; }
figure > img { display: block; width: 8rem; height: 8rem; margin: 0 auto .75rem; object-fit: contain; }
.label { font-weight: 600; }
.right { color: var(--right); } .wrong { color: var(--wrong); }
.shots { display: flex; gap: .5rem; margin-top: .75rem; padding-top: .75rem;
  border-top: 1px solid var(--line); } .shots img { width: 2rem; height: 2rem; }
table { border-collapse: collapse; margin-top: .5rem; } td { padding: .1rem 1.25rem .1rem 0; }
td:last-child { font-variant-numeric: tabular-nums; text-align: right; }
`;

/** Writes the page. */
export async function htmlPage(
  report: DemoReport,
  read: ReadBytes,
): Promise<string> {
  const { pictures, word, device, model } = report;
  const paths = [
    ...pictures.flatMap((
      { path, shots },
    ) => [path, ...shots.map((s) => s.path)]),
    word.query.path,
    ...word.supports.map(({ path }) => path),
  ];
  const sources = new Map<string, string>();
  for (const path of new Set(paths)) {
    sources.set(path, dataUri(path, await read(path)));
  }
  const show = (picture: LabelledPicture): string =>
    `<img src="${sources.get(picture.path)!}" alt="${escape(picture.label)}" ` +
    `title="${escape(picture.label)}">`;
  const [scores, times] = summaryOf(report);
  return `<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<title>Rookery demo</title>
<style>${STYLE}</style>
</head>
<body>
<h1>Rookery demo</h1>
<p>${escape(scores)}</p>
<p class="faint">${escape(model)} on ${escape(device)}: ${escape(times)}</p>
<h2>Captions</h2>
<p class="faint">Pictures that training never saw, without examples and after the four below each.</p>
<div class="cards">
${pictures.map((picture) => pictureCard(picture, show)).join("\n")}
</div>
<h2>A made-up word</h2>
<p class="faint">Two pictures teach two words; the third is another drawing of one of them.</p>
<div class="cards">
${wordCards(word, show)}
</div>
</body>
</html>
`;
}

type Show = (picture: LabelledPicture) => string;

function pictureCard(picture: DemoPicture, show: Show): string {
  const note = picture.isTrained ? "" : " (a concept never trained on)";
  return `<figure>${show(picture)}<figcaption>
<p><span class="label">${
    escape(picture.label)
  }</span><span class="faint">${note}</span></p>
${verdict("0 shots", picture.zeroShot)}
${verdict("4 shots", picture.fourShot)}
<div class="shots">${picture.shots.map(show).join("")}</div>
</figcaption></figure>`;
}

function wordCards(word: DemoWord, show: Show): string {
  const supports = word.supports.map((support) =>
    `<figure>${show(support)}<figcaption><p>taught: <span class="label">` +
    `${escape(support.label)}</span></p></figcaption></figure>`
  );
  const rows = word.ranking.map(({ word, score }) =>
    `<tr><td>${escape(word)}</td><td>${score.toFixed(2)}</td></tr>`
  );
  const ranked = { ...word.written, text: word.ranking[0]?.word ?? "" };
  return [
    ...supports,
    `<figure>${show(word.query)}<figcaption>
<p class="label">${escape(word.query.label)}</p>
${verdict("ranked first", { ...ranked, isRight: word.isRight })}
${verdict("written", word.written)}
<table class="faint">${rows.join("")}</table>
</figcaption></figure>`,
  ].join("\n");
}

function verdict(name: string, { text, isRight }: JudgedCaption): string {
  const [kind, mark] = isRight ? ["right", "✓"] : ["wrong", "✗"];
  return `<p class="${kind}">${mark} ${name}: ${escape(text)}</p>`;
}

const TYPES: Readonly<Record<string, string>> = {
  ".png": "image/png",
  ".webp": "image/webp",
  ".jpg": "image/jpeg",
  ".gif": "image/gif",
};

function dataUri(path: string, bytes: Uint8Array): string {
  const type = TYPES[extname(path).toLowerCase()] ?? "application/octet-stream";
  return `data:${type};base64,${bytes.toBase64()}`;
}

function escape(text: string): string {
  return text.replaceAll(/[&<>"]/g, (sign) => `&#${sign.charCodeAt(0)};`);
}
