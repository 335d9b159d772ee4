// Questions about a picture after one example, then a caption. Run it with: deno run -A examples/answer.ts
import { assemble, createDevice, describe } from "../mod.ts";

const PICTURES = "tests/pictures/demo/fluent";
const shots = [{
  image: `${PICTURES}/1f34e.webp`,
  question: "What is it?",
  answer: "red apple",
}];

using device = await createDevice();
using model = await assemble("rookery-small", { device });
const image = `${PICTURES}/1f98a.webp`;
const question = "What is it?";
const answer = await describe(model, { image, question }, { shots });
console.log(question, answer.text);
const caption = await describe(model, { image }, { maxTokens: 8 });
console.log(caption.text);
