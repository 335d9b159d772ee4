// A page with pictures, answers, a plot and a confusion matrix: deno run -A examples/report.ts
import { writeReport } from "../mod.ts";

const path = Deno.args[0] ?? await Deno.makeTempFile({ suffix: ".html" });
const apple = "tests/pictures/demo/fluent/1f34e.webp";
const key = "tests/pictures/demo/fluent/1f511.webp";
await writeReport(path, {
  title: "Two drawings",
  lead: ["1 of 2 right"],
  confusion: { truth: ["apple", "key"], predictions: ["apple", "apple"] },
  plots: [{
    title: "Right answers by examples",
    xName: "examples",
    yName: "right answers",
    curves: [{
      name: "prompt",
      points: [
        { x: 0, mean: 0.4, low: 0.3, high: 0.5 },
        { x: 8, mean: 0.6, low: 0.5, high: 0.7 },
      ],
    }],
  }],
  sections: [{
    title: "Pictures",
    rows: [
      {
        image: apple,
        label: "apple",
        answers: [{ text: "apple", isRight: true }],
      },
      {
        image: key,
        label: "key",
        answers: [{ text: "apple", isRight: false }],
      },
    ],
  }],
});
console.log(`wrote ${(await Deno.stat(path)).size} bytes into ${path}`);
