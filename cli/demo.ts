/**
 * `demo`: pictures that training never saw are named, with examples and
 * without, and a made-up word is learnt. `deno task demo` runs this file after
 * it has set the machine up.
 *
 * @module
 */

import { join } from "node:path";
import type { Flamingo } from "../mod.ts";
import { type Command, defineCommand, type Output } from "./command.ts";
import { CONSOLE, quietDrivers } from "./console.ts";
import { drawContactSheet } from "./contact_sheet.ts";
import { readDemoList } from "./demo_list.ts";
import {
  type DemoPicture,
  type DemoReport,
  type DemoWord,
  type JudgedCaption,
  summaryOf,
} from "./demo_report.ts";
import { EXIT } from "./exit_code.ts";
import { htmlPage } from "./html_page.ts";
import { checkEyes, MODEL_OPTIONS, openModel } from "./model_options.ts";
import { runCommandLine } from "./run_command_line.ts";
import { type DemoFindings, runDemo } from "./run_demo.ts";

/** The command. */
export const demoCommand: Command = defineCommand({
  name: "demo",
  summary: "Name pictures never seen in training, and learn a made-up word",
  options: {
    out: {
      type: "text",
      value: "DIR",
      help: "Folder for the contact sheet and the page",
      default: "demo_output",
    },
    json: { type: "flag", help: "Write the report as JSON" },
    ...MODEL_OPTIONS,
  },
  examples: ["demo", "demo --out results --json"],
  async run({ options }, output) {
    const list = await readDemoList();
    using opened = await openModel(options, output);
    const { model, seconds } = opened;
    checkEyes(model, options.model);
    const say = options.json ? () => {} : output.write;
    say(`${model.device.profile.name}, ${options.model}\n`);
    say(`\n${row("picture", "0 shots", "4 shots")}`);
    const findings = await runDemo(model, list, (picture) => {
      say(pictureRow(picture));
    });
    say(`\n${wordText(findings.word)}\n`);
    const report: DemoReport = {
      device: model.device.profile.name,
      model: options.model,
      ...timed(findings, seconds),
    };
    await writeFiles(report, { model, folder: options.out, output });
    if (options.json) output.write(`${JSON.stringify(report)}\n`);
    else output.write(`${summaryOf(report).join("\n")}\n`);
    return EXIT.done;
  },
});

/** Findings with sums of their times. */
function timed(
  { pictures, word, firstCaptionMs }: DemoFindings,
  opening: { readonly device: number; readonly load: number },
): Omit<DemoReport, "device" | "model"> {
  const captions = [
    ...pictures.flatMap(({ zeroShot, fourShot }) => [zeroShot, fourShot]),
    word.written,
  ];
  const sum = (valueOf: (caption: JudgedCaption) => number): number =>
    captions.reduce((total, caption) => total + valueOf(caption), 0);
  const text = sum(({ ms }) => ms.decode) / 1000;
  return {
    pictures,
    word,
    tokensPerSecond: sum(({ tokens }) => tokens - 1) / text,
    seconds: {
      ...opening,
      firstCaption: firstCaptionMs / 1000,
      pictures: sum(({ ms }) => ms.image) / 1000,
      prompts: sum(({ ms }) => ms.prefill) / 1000,
      text,
      total: performance.now() / 1000,
    },
  };
}

async function writeFiles(
  report: DemoReport,
  { model, folder, output }: {
    readonly model: Flamingo;
    readonly folder: string;
    readonly output: Output;
  },
): Promise<void> {
  await Deno.mkdir(folder, { recursive: true });
  const sheet = join(folder, "contact_sheet.png");
  const page = join(folder, "index.html");
  const read = (path: string) => model.image!.read(path);
  await Deno.writeFile(sheet, await drawContactSheet(report, read));
  await Deno.writeTextFile(page, await htmlPage(report, Deno.readFile));
  output.note(`wrote ${sheet} and ${page}\n`);
}

function pictureRow(picture: DemoPicture): string {
  const { label, isTrained, zeroShot, fourShot } = picture;
  return row(
    isTrained ? label : `${label} *`,
    marked(zeroShot),
    marked(fourShot),
  );
}

function row(first: string, ...others: readonly string[]): string {
  const cells = [first.padEnd(20), ...others.map((cell) => cell.padEnd(28))];
  return `${cells.join("  ").trimEnd()}\n`;
}

function marked({ text, isRight }: JudgedCaption): string {
  return `${isRight ? "✓" : "✗"} ${text}`;
}

function wordText({ supports, query, written, ranking }: DemoWord): string {
  const taught = supports.map(({ label }) => `"${label}"`).join(" and ");
  const ranked = ranking.map(({ word, score }) =>
    `${word} ${score.toFixed(2)}`
  );
  return `Two pictures teach ${taught}; a new drawing of "${query.label}":\n` +
    `  written  ${marked(written)}\n  ranked   ${ranked.join(", ")}\n` +
    "(* a concept that training never saw in any drawing)\n";
}

if (import.meta.main) {
  quietDrivers();
  Deno.exit(
    await runCommandLine(["demo", ...Deno.args], [demoCommand], CONSOLE),
  );
}
