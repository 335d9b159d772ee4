/**
 * `eval grounding`: how well the grounding score tells words that a picture
 * supports.
 *
 * @module
 */

import {
  groundingAucs,
  groundPairs,
  thresholdAccuracy,
} from "../evaluation/grounding_pairs.ts";
import { openSubject } from "../evaluation/open_subject.ts";
import { fetchPictures } from "../evaluation/picture_store.ts";
import { readTestLists } from "../evaluation/test_lists.ts";
import { readConfig, SUPPORT_THRESHOLD } from "../mod.ts";
import type { OptionValues, Output } from "./command.ts";
import {
  type DEVICE_OPTIONS,
  openDevice,
  progressTo,
} from "./model_options.ts";

/** Pairs of pictures without `--limit`. */
const PAIRS = 100;

/** Measures and writes a table; gives the exit code. */
export async function evaluateGrounding(
  options: OptionValues<typeof DEVICE_OPTIONS> & {
    readonly model: string;
    readonly weights: string | undefined;
    readonly limit: number | undefined;
    readonly json: boolean;
  },
  output: Output,
): Promise<number> {
  const { limit: count = PAIRS, weights, json } = options;
  const lists = await readTestLists();
  const onProgress = progressTo(output);
  const pictures = await fetchPictures(lists.packages, { onProgress });
  using device = await openDevice(options);
  using model = await openSubject(await readConfig(options.model), {
    device,
    ...(weights === undefined ? {} : { weightsDir: weights }),
    onProgress,
  });
  const words = await groundPairs(model, lists.newStyle, pictures, {
    count,
    onProgress: (done, all) => {
      if (done % 10 === 0) output.note(`${done} of ${all} pairs\n`);
    },
  });
  const aucs = groundingAucs(words);
  const accuracy = thresholdAccuracy(words, SUPPORT_THRESHOLD);
  if (json) {
    output.write(
      `${JSON.stringify({ pairs: count, accuracy, aucs, words })}\n`,
    );
    return 0;
  }
  const supported = words.filter(({ isSupported }) => isSupported).length;
  output.write(
    "| score | ROC AUC [95 %] |\n|---|---|\n" +
      aucs.map(({ score, auc, low, high }) =>
        `| ${score} | ${auc.toFixed(3)} [${low.toFixed(3)}, ` +
        `${high.toFixed(3)}] |\n`
      ).join("") +
      `\n${supported} words with their own picture, ` +
      `${words.length - supported} with another; ` +
      `${(100 * accuracy).toFixed(1)} % on the right side of ` +
      `${SUPPORT_THRESHOLD} nats over a blank picture\n`,
  );
  return 0;
}
