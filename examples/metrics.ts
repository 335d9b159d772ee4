// Captions judged as COCO's evaluation does, an answer as VQA's does: deno run -A examples/metrics.ts
import { bleu, ciderD, ptbWords, rougeL, vqaAccuracy } from "../mod.ts";

const cases = [
  {
    candidate: ptbWords("A dog runs on the beach."),
    references: ["A brown dog is running on a beach.", "The dog's at the sea."]
      .map(ptbWords),
  },
  {
    candidate: ptbWords("two cats"),
    references: ["Two cats sleep.", "There are two cats on a bed"].map(
      ptbWords,
    ),
  },
];
console.log("CIDEr-D", ciderD(cases).score.toFixed(3));
console.log("BLEU-1 … 4", bleu(cases).score.map((x) => x.toFixed(3)).join(" "));
console.log("ROUGE-L", rougeL(cases).each.map((x) => x.toFixed(3)).join(" "));
console.log("VQA", vqaAccuracy("Two", ["2", "two", "2 cats", "two", "none"]));
