import assert from "node:assert/strict";
import type { Report } from "../../../plugins/report/report.ts";
import {
  reportHtml,
  writeReport,
} from "../../../plugins/report/write_report.ts";
import { assertPage } from "./assert_page.ts";

const HOSTILE = `"><script>alert('1')</script>&amp;`;
const PICTURE = {
  width: 2,
  height: 1,
  data: new Uint8Array([255, 0, 0, 255, 0, 0, 255, 255]),
};

function reportOf(label: string): Report {
  const word = {
    text: label,
    chance: 0.25,
    logprob: Math.log(0.25),
    runnersUp: [{ text: label, chance: 0.2, id: 1, logprob: Math.log(0.2) }],
    shares: [1],
    regions: [{
      picture: 0,
      share: 1,
      maps: [[0.1, 0.2, 0.3, 0.4]],
      side: 2,
      elsewhere: 0,
    }],
    grounding: { overClosed: -1, overBlank: -2 },
    isSupported: false,
  };
  return {
    title: label,
    lead: [label],
    facts: label,
    tables: [{ title: label, heads: [label], rows: [[label]] }],
    plots: [{
      title: label,
      xName: label,
      yName: label,
      curves: [{
        name: label,
        points: [
          { x: 0, mean: 0.2, low: 0.1, high: 0.3 },
          { x: 8, mean: 0.6, low: 0.5, high: 0.7 },
        ],
      }],
    }],
    confusion: {
      truth: [label, label, "cat"],
      predictions: ["cat", label, "cat"],
    },
    sections: [{
      title: label,
      note: label,
      rows: [{
        image: PICTURE,
        label,
        note: label,
        question: label,
        answers: [{ name: label, text: label, isRight: true }],
        shots: [{ image: PICTURE, label }],
        scores: { [label]: -1, cat: -2 },
        explanation: {
          words: [word] as never,
          gates: [{ layer: 0, attention: 0.5, dense: 0.1 }],
        },
      }, { image: "no/such.png", label: "lost", error: label }],
    }],
  };
}

Deno.test("reportHtml() is well-formed and holds everything itself", async () => {
  const text = await reportHtml(reportOf("dog"));
  assertPage(text);
  for (const part of ["<svg", "confusion", "data:image/png;base64,", "heat"]) {
    assert(text.includes(part), part);
  }
  assert.match(text, /not supported by the picture/);
  assert.match(text, /2 of 3 right/);
  assert(!text.includes("\\n"));
});

Deno.test("reportHtml() escapes whatever it is given", async () => {
  const text = await reportHtml(reportOf(HOSTILE));
  assertPage(text);
  assert(!text.includes("<script"));
  assert(text.includes("&#60;script&#62;"));
  assertPage(await reportHtml(reportOf("\u0000\u0007\ufffe")));
});

Deno.test("reportHtml() lists confusions where labels are too many for a matrix", async () => {
  const truth = Array.from({ length: 60 }, (_, i) => `label ${i % 30}`);
  const predictions = truth.map((label, i) => i < 2 ? "label 29" : label);
  const text = await reportHtml({
    title: "many",
    confusion: { truth, predictions },
    sections: [],
  });
  assertPage(text);
  assert.match(text, /58 of 60 right/);
  assert.match(text, /<td>label 0<\/td>\s*<td>label 29<\/td>\s*<td>1<\/td>/);
});

Deno.test("reportHtml() counts the rows that it leaves out", async () => {
  const rows = Array.from({ length: 5 }, (_, i) => ({ label: `row ${i}` }));
  const report = { title: "t", sections: [{ title: "s", rows }] };
  const text = await reportHtml(report, { mostRows: 2 });
  assert.match(text, /and 3 more/);
  assert(!text.includes("row 2"));
});

Deno.test("writeReport() says which file it cannot write", async () => {
  const report = { title: "t", sections: [] };
  await assert.rejects(writeReport("no/such/folder/r.html", report), {
    code: "file",
    message: /no\/such\/folder\/r\.html.*check the path/s,
  });
});
