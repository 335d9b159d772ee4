// A conversation about a picture, whose past is not run again. Run it with: deno run -A examples/conversation.ts
import { assemble, Conversation, createDevice } from "../mod.ts";

const PICTURES = "tests/pictures/demo/fluent";

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const talk = new Conversation(model);
await talk.show({ image: `${PICTURES}/1f98a.webp` });
for (const question of ["What is it?", "Which colour is it?"]) {
  const { text, hitTokens } = await talk.say(question, { maxTokens: 8 });
  console.log(`${question} ${text} (${hitTokens} tokens known)`);
}
