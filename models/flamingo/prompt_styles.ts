/**
 * Published prompt styles, and that of the default model.
 *
 * @module
 */

import type { PromptStyle, TaskSettings } from "./prompt_style.ts";

/** Three beams for open-ended outputs (Flamingo, appendix B.1.4). */
const OPEN_ENDED: TaskSettings = { beams: 3 };

/**
 * Beams as OpenFlamingo's evaluation has them (eval/evaluate.py: 3 beams,
 * `length_penalty` 0, 20 tokens for captions and 5 for answers).
 */
const OPEN_FLAMINGO: TaskSettings = { beams: 3, lengthPenalty: 0 };

/** Styles by name. */
export const PROMPT_STYLES: Readonly<Record<string, PromptStyle>> = {
  /** Flamingo, appendix A.2; the length of outputs is not published. */
  paper: {
    name: "paper",
    caption: { template: "Output: {text}", ...OPEN_ENDED },
    answer: {
      template: "Question: {question} Answer: {answer}",
      ...OPEN_ENDED,
    },
    classify: { template: "Output: {label}" },
    memes: {
      template: 'is an image with written: "{question}" on it. ' +
        "Is it hateful? Answer: {answer}",
    },
    actions: { template: "Caption: a person {label}" },
  },
  /** OpenFlamingo, eval/models/open_flamingo.py and eval/evaluate.py. */
  open_flamingo: {
    name: "open_flamingo",
    caption: {
      template: "Output:{text}",
      separator: "\n",
      ...OPEN_FLAMINGO,
      maxTokens: 20,
    },
    answer: {
      template: "Question:{question} Short answer:{answer}",
      separator: "\n",
      ...OPEN_FLAMINGO,
      maxTokens: 5,
    },
    classify: { template: "Output:{label}" },
    memes: {
      template: "is an image with: '{question}' written on it. " +
        "Is it hateful? Answer:{answer}",
    },
  },
  /** What the bridge of the default model was trained on. */
  rookery: {
    name: "rookery",
    caption: { template: " {text}" },
    answer: { template: " Question: {question} Answer: {answer}" },
  },
  /** The paper's templates, the likeliest token at each place. */
  plain: {
    name: "plain",
    caption: { template: "Output: {text}" },
    answer: { template: "Question: {question} Answer: {answer}" },
  },
};
