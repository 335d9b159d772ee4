// How each published style writes the same prompt. Run it with: deno run -A examples/prompt_styles.ts
import { PROMPT_STYLES, taskPrompt } from "../mod.ts";

const shots = [{ image: "a.png", question: "What is it?", answer: "a fox" }];
const query = { image: "b.png", question: "And this?" };

for (const [name, style] of Object.entries(PROMPT_STYLES)) {
  const { items, settings } = taskPrompt({ style, shots, query });
  const text = items.map((item) =>
    "text" in item ? item.text : "endOfChunk" in item ? "[end]" : "[picture]"
  );
  console.log(`${name}: ${JSON.stringify(text.join(""))}`, settings);
}
