// Requests that join and leave a running batch, each with its own end, one of them failing: deno run -A examples/changing_batch.ts
import {
  assemble,
  createDevice,
  PromptScheduler,
  type ScheduledText,
} from "../mod.ts";

using device = await createDevice();
using model = await assemble("examples/smollm2.json", { device });
const scheduler = new PromptScheduler(model);

/** Writes pieces as they come, and how many requests share the batch. */
async function show(name: string, text: ScheduledText): Promise<void> {
  const write = (what: string) =>
    console.log(`${name}  ${scheduler.load.active} active  ${what}`);
  try {
    for await (const { text: piece } of text) write(JSON.stringify(piece));
    const { tokens, firstMs } = await text.result;
    write(`${tokens} tokens, the first after ${Math.round(firstMs)} ms`);
  } catch (error) {
    write((error as Error).message);
  }
}

const say = (text: string, maxTokens: number) =>
  scheduler.submit([{ text }], { maxTokens, stop: [] });

// A long answer is under way when others come; nobody waits for it to end.
const long = say("Once upon a time a small fox", 24);
const fox = show("fox   ", long);
for await (const _ of long) break;
const drawn = { maxTokens: 10, temperature: 0.8, seed: 3 };
const others = [
  show("paris ", say("The capital of France is", 6)),
  // An error is its own request's: this prompt is longer than the context.
  show("wrong ", say("and so on ".repeat(5000), 6)),
  show("drawn ", scheduler.submit([{ text: "Two" }], drawn)),
];
await Promise.all([fox, ...others]);
