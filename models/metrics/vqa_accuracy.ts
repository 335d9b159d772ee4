/**
 * Accuracy of visual question answering (Antol et al. 2015).
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { vqaAnswer } from "./vqa_answer.ts";

/** People who must agree for a full score. */
const AGREEING = 3;

/**
 * Accuracy of an answer, 0 … 1: `min(1, others who said it / 3)`, the mean of
 * leaving each person out in turn. Answers are compared as `vqaAnswer` gives
 * them. Equals the official evaluation.
 *
 * @throws RookeryError `usage` without people's answers.
 */
export function vqaAccuracy(answer: string, people: readonly string[]): number {
  if (people.length === 0) {
    throw new RookeryError(
      "usage",
      `Cannot judge the answer ${JSON.stringify(answer)}: give one right ` +
        "answer at least",
      { expected: 1, actual: 0 },
    );
  }
  const own = vqaAnswer(answer);
  const agrees = people.map((other) => vqaAnswer(other) === own ? 1 : 0);
  const all = agrees.reduce((sum: number, one) => sum + one, 0);
  const sum = agrees.reduce(
    (total: number, one) => total + Math.min(1, (all - one) / AGREEING),
    0,
  );
  return sum / people.length;
}
