// A conversation about a picture. Run it with: deno run -A examples/conversation.ts
import { fileURLToPath } from "node:url";
import { assemble, Conversation, createDevice } from "../mod.ts";

const picture = new URL("../tests/pictures/demo/", import.meta.url);
const [style] = [...Deno.readDirSync(picture)].filter((e) => e.isDirectory)
  .map(({ name }) => name).sort();
const folder = new URL(`${style}/`, picture);
const [file] = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const talk = new Conversation(model);
await talk.show({ image: fileURLToPath(new URL(file!, folder)) });
for (const question of ["What is it?", "Is it an animal?"]) {
  const { text, hitTokens } = await talk.say(question, { maxTokens: 8 });
  console.log(`${question} ${text} (${hitTokens} tokens known)`);
}
