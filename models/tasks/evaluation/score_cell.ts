/**
 * Figures of an evaluation.
 *
 * @module
 */

import { bleu } from "../../metrics/bleu.ts";
import { type Estimate, estimateMean } from "../../metrics/bootstrap.ts";
import { ciderD } from "../../metrics/cider_d.ts";
import { ptbWords } from "../../metrics/ptb_words.ts";
import { topK } from "../../metrics/ranked_answers.ts";
import { rocAuc } from "../../metrics/ranking_metrics.ts";
import { rougeL } from "../../metrics/rouge_l.ts";
import { vqaAccuracy } from "../../metrics/vqa_accuracy.ts";
import type { Dataset, DatasetRow } from "./dataset.ts";
import type { EvaluatedAnswer, EvaluatedCell } from "./evaluate_task.ts";

/** A figure; of what is no mean over queries there is no interval. */
export type Figure = Estimate | { readonly mean: number; readonly n: number };

/** A query that was answered. */
interface Answered {
  readonly row: DatasetRow;
  readonly answer: EvaluatedAnswer & { readonly text: string };
}

/**
 * Figures by name: `CIDEr-D`, `BLEU-4` and `ROUGE-L` of captions, `accuracy`
 * of answers, `top-1` and `top-5` of labels, `ROC AUC` of two labels. Queries
 * that failed do not count; without any there are no figures.
 */
export function scoreCell(
  { metric, labels = [] }: Pick<Dataset, "metric" | "labels">,
  { queries, answers }: Pick<EvaluatedCell, "queries" | "answers">,
): Record<string, Figure> {
  const answered = queries.flatMap((row, i): Answered[] => {
    const answer = answers[i]!;
    const { text } = answer;
    return text === undefined ? [] : [{ row, answer: { ...answer, text } }];
  });
  if (answered.length === 0) return {};
  switch (metric) {
    case "captions":
      return captionFigures(answered);
    case "vqa":
      return {
        accuracy: meanOf(
          answered,
          ({ row, answer }) => vqaAccuracy(answer.text, row.texts),
        ),
      };
    case "labels":
      return labelFigures(answered, labels);
    case "roc-auc":
      return rankFigures(answered, labels[0]!);
  }
}

function captionFigures(answered: readonly Answered[]): Record<string, Figure> {
  const cases = answered.map(({ row, answer }) => ({
    candidate: ptbWords(answer.text),
    references: row.texts.map(ptbWords),
  }));
  return {
    "CIDEr-D": estimateMean(ciderD(cases).each),
    "BLEU-4": { mean: bleu(cases).score[3]!, n: cases.length },
    "ROUGE-L": estimateMean(rougeL(cases).each),
  };
}

function labelFigures(
  answered: readonly Answered[],
  labels: readonly string[],
): Record<string, Figure> {
  const top = (k: number) =>
    meanOf(answered, ({ row, answer }) => {
      const scores = labels.map((label) => answer.scores![label]!);
      return topK(scores, labels.indexOf(row.texts[0]!), k);
    });
  return labels.length > 5
    ? { "top-1": top(1), "top-5": top(5) }
    : { "top-1": top(1) };
}

function rankFigures(
  answered: readonly Answered[],
  label: string,
): Record<string, Figure> {
  const examples = answered.map(({ row, answer }) => ({
    score: shareOf(answer.scores!, label),
    positive: row.texts[0] === label,
  }));
  const kinds = new Set(examples.map(({ positive }) => positive));
  const accuracy = meanOf(
    answered,
    ({ row, answer }) => row.texts[0] === answer.text ? 1 : 0,
  );
  if (kinds.size < 2) return { accuracy };
  return {
    "ROC AUC": { mean: rocAuc(examples), n: examples.length },
    accuracy,
  };
}

/** Chance of a label among all, from log-likelihoods. */
function shareOf(
  scores: Readonly<Record<string, number>>,
  label: string,
): number {
  const most = Math.max(...Object.values(scores));
  const sum = Object.values(scores)
    .reduce((total, score) => total + Math.exp(score - most), 0);
  return Math.exp(scores[label]! - most) / sum;
}

function meanOf(
  answered: readonly Answered[],
  valueOf: (each: Answered) => number,
): Estimate {
  return estimateMean(answered.map(valueOf));
}
