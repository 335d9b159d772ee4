import assert from "node:assert/strict";
import {
  createDevice,
  describe,
  PROMPT_STYLES,
  taskPrompt,
  taskSettings,
  writeBeams,
} from "../../mod.ts";
import { tinyFlamingo, tinyPicture } from "../support/tiny_model.ts";

const CAPTIONS = [{ image: "a", text: " a dog " }, { image: "b", text: "b" }];
const QUESTIONS = [{ image: "a", question: "Who? ", answer: "me" }];

/** A prompt as one text, with pictures by name. */
function written(options: Parameters<typeof taskPrompt>[0]): string {
  return taskPrompt(options).items.map((item) =>
    "text" in item
      ? item.text
      : "image" in item
      ? `<${item.image}>`
      : "endOfChunk" in item
      ? "|"
      : "?"
  ).join("");
}

Deno.test("taskPrompt() writes what the published styles print", () => {
  const { paper, open_flamingo: open, rookery } = PROMPT_STYLES;
  const query = { image: "q" };
  const asked = { image: "q", question: "What?" };
  const captions = { shots: CAPTIONS, query };
  assert.equal(
    written({ style: paper!, ...captions }),
    "<a>Output: a dog|<b>Output: b|<q>Output:",
  );
  assert.equal(
    written({ style: open!, ...captions }),
    "<a>Output:a dog|\n<b>Output:b|\n<q>Output:",
  );
  assert.equal(
    written({ style: open!, task: "classify", ...captions }),
    "<a>Output:a dog|<b>Output:b|<q>Output:",
  );
  assert.equal(
    written({ style: rookery!, ...captions }),
    "<a> a dog|<b> b|<q>",
  );
  assert.equal(
    written({ style: paper!, shots: QUESTIONS, query: asked }),
    "<a>Question: Who? Answer: me|<q>Question: What? Answer:",
  );
  assert.equal(
    written({ style: open!, shots: QUESTIONS, query: asked }),
    "<a>Question:Who? Short answer:me|\n<q>Question:What? Short answer:",
  );
  assert.equal(
    written({
      style: open!,
      task: "memes",
      query: { ...query, question: "hi" },
    }),
    "<q>is an image with: 'hi' written on it. Is it hateful? Answer:",
  );
  assert.equal(
    written({ style: paper!, task: "actions", query }),
    "<q>Caption: a person",
  );
});

Deno.test("taskPrompt() shows two examples without pictures at 0 shots", () => {
  const options = { shots: CAPTIONS, query: { image: "q" }, isTextOnly: true };
  assert.equal(
    written({ style: PROMPT_STYLES["paper"]!, ...options }),
    "Output: a dog|Output: b|<q>Output:",
  );
});

Deno.test("taskPrompt() tells where examples end, the output's space and the settings", () => {
  const { paper, open_flamingo: open } = PROMPT_STYLES;
  const query = { image: "q" };
  const prompt = taskPrompt({ style: paper!, shots: CAPTIONS, query });
  assert.equal(prompt.exampleItems, 6);
  assert.equal(prompt.output(" cat"), " cat");
  assert.deepEqual(prompt.settings, { beams: 3 });
  assert.equal(taskPrompt({ style: open!, query }).output(" cat"), "cat");
  assert.deepEqual(taskSettings(open!, "answer"), {
    beams: 3,
    lengthPenalty: 0,
    maxTokens: 5,
  });
  assert.deepEqual(taskSettings(open!, "memes"), {});
});

Deno.test("taskPrompt() refuses empty outputs and templates without a place", () => {
  const style = PROMPT_STYLES["paper"]!;
  const shots = [CAPTIONS[0]!, { image: "b", text: " " }];
  assert.throws(
    () => taskPrompt({ style, shots }),
    /shot 2 as its text is empty/,
  );
  const caption = { template: "Output:" };
  const spoilt = { ...style, name: "spoilt", caption };
  assert.throws(
    () => taskPrompt({ style: spoilt, query: { image: "q" } }),
    /template "Output:" of caption in style "spoilt".*\{text\}/,
  );
});

Deno.test("describe() searches with the beams of the model's style", async () => {
  using device = await createDevice();
  const caption = {
    template: "{text}",
    beams: 3,
    maxTokens: 6,
    lengthPenalty: 0,
  };
  const style = { name: "t", caption, answer: caption };
  using model = await tinyFlamingo(device, { style });
  const query = { image: tinyPicture(1) };
  const searched = await describe(model, query);
  const [best] = await writeBeams(model, [query], { maxTokens: 6 }, {
    beams: 3,
    lengthPenalty: 0,
  });
  assert.equal(searched.text, best!.text.trim());
  assert.equal(searched.logLikelihood, best!.logLikelihood);
  const greedy = await describe(model, query, { beams: 1 });
  assert.ok(searched.logLikelihood >= greedy.logLikelihood);
  const drawn = await describe(model, query, { topLogprobs: 2 });
  assert.equal(drawn.text, greedy.text);
  assert.equal(drawn.samples.length, drawn.tokens);
});
