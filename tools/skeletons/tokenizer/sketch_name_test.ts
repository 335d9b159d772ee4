import { checkPlugin } from "@rookery/rookery";
import sketchNamePlugin from "./mod.ts";

Deno.test("sketch_name keeps the contract", async () => {
  const texts = ["a small dog", "naïve — 木"];
  const cases = [{ part: "sketch_name/tokenizer", texts }];
  (await checkPlugin(sketchNamePlugin(), { cases })).throwIfFailed();
});
