/**
 * `--report`: what commands found about many pictures, as one page.
 *
 * @module
 */

import { basename, dirname } from "node:path";
import {
  type Device,
  type ImageProcessor,
  type Report,
  type ReportExplanation,
  type ReportRow,
  writeReport,
} from "../mod.ts";
import type { BatchRow } from "./batch_rows.ts";
import type { Options, Output } from "./command.ts";

/** Options of commands that write reports. */
export const REPORT_OPTIONS = {
  report: {
    type: "text",
    value: "FILE.html",
    help: "Write a page of pictures and answers; labels give a matrix",
  },
  explain: {
    type: "flag",
    help: "Tell of each word what the model looked at",
  },
} as const satisfies Options;

/** A result, as `--json` has it. */
type ResultJson = Readonly<Record<string, unknown>>;

/** A report that grows row by row. */
export interface BatchReport {
  /** Takes a row's result. */
  add(row: BatchRow, json: ResultJson): void;
  /** Writes the rows that have a result, in their order. */
  write(rows: readonly BatchRow[], output: Output): Promise<void>;
}

/** What a report is about. */
export interface ReportSubject {
  /** The command. */
  readonly command: string;
  /** The model. */
  readonly model: {
    readonly device: Device;
    readonly image?: ImageProcessor | undefined;
  };
  /** Labels that pictures' folders may be named by. */
  readonly labels?: readonly string[];
}

/** The report that options ask for; undefined where they ask for none. */
export function openReport(
  { report: path, model: name }: {
    readonly report: string | undefined;
    readonly model: string;
  },
  { command, model, labels = [] }: ReportSubject,
): BatchReport | undefined {
  if (path === undefined) return undefined;
  const results = new Map<BatchRow, ResultJson>();
  return {
    add: (row, json) => results.set(row, json),
    async write(rows, output) {
      const judged = rows.flatMap((row) => {
        const json = results.get(row);
        return json ? [judgedRow(row, json, labels)] : [];
      });
      const facts = `${name} on ${model.device.profile.name}`;
      const report = reportOf(command, facts, judged);
      await writeReport(path, report, { image: model.image });
      output.note(`wrote ${path}\n`);
    },
  };
}

/** A row with what is known to be right about it. */
interface JudgedRow {
  readonly row: ReportRow;
  readonly truth: string | undefined;
  readonly said: string | undefined;
  readonly isRight: boolean | undefined;
}

function judgedRow(
  { name, query, given }: BatchRow,
  json: ResultJson,
  labels: readonly string[],
): JudgedRow {
  const said = textOf(json["text"]) ?? textOf(json["label"]);
  const folder = basename(dirname(query.image));
  const truths = rightAnswers(given) ??
    (labels.includes(folder) ? [folder] : []);
  const isRight = truths.length === 0 || said === undefined
    ? undefined
    : truths.some((truth) => same(truth, said));
  const [truth] = truths;
  const row: ReportRow = {
    image: query.image,
    label: truth ?? basename(name),
    note: truth === undefined ? undefined : basename(name),
    question: query.question,
    answers: said === undefined ? [] : [{ text: said, isRight }],
    scores: json["scores"] as Readonly<Record<string, number>> | undefined,
    explanation: json["explanation"] as ReportExplanation | undefined,
    error: textOf(json["error"]),
  };
  return { row, truth, said, isRight };
}

/** What a list says is right: a label, an answer, or several. */
function rightAnswers(
  { label, answer, answers }: Readonly<Record<string, unknown>>,
): string[] | undefined {
  const known = label ?? answer ?? answers;
  const all = Array.isArray(known) ? known : [known];
  const texts = all.filter((each) => typeof each === "string" && each !== "");
  return texts.length > 0 ? texts as string[] : undefined;
}

function reportOf(
  command: string,
  facts: string,
  judged: readonly JudgedRow[],
): Report {
  const known = judged.filter(({ isRight }) => isRight !== undefined);
  const right = known.filter(({ isRight }) => isRight).length;
  const failed = judged.filter(({ row }) => row.error !== undefined).length;
  const unsupported = judged.flatMap(({ row }) => row.explanation?.words ?? [])
    .filter(({ isSupported }) => isSupported === false).length;
  const lead = [
    `${judged.length} pictures` +
    (known.length > 0 ? `, ${right} of ${known.length} right` : "") +
    (failed > 0 ? `, ${failed} failed` : ""),
    ...(unsupported > 0
      ? [`${unsupported} words are not supported by their pictures`]
      : []),
  ];
  const isConfusing = command === "classify" && known.length > 0;
  return {
    title: `rookery ${command}`,
    lead,
    facts,
    confusion: isConfusing
      ? {
        truth: known.map(({ truth }) => truth!),
        predictions: known.map(({ said }) => said!),
      }
      : undefined,
    sections: [{ title: "Pictures", rows: judged.map(({ row }) => row) }],
  };
}

function textOf(value: unknown): string | undefined {
  return typeof value === "string" ? value : undefined;
}

function same(a: string, b: string): boolean {
  return a.trim().toLowerCase() === b.trim().toLowerCase();
}
