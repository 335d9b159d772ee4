import assert from "node:assert/strict";
import { didYouMean, nearestName } from "../../plugins/nearest_name.ts";

Deno.test("nearestName() finds the name with the fewest changes", () => {
  const names = ["levels", "layers", "latents"];
  assert.equal(nearestName("levles", names), "levels");
  assert.equal(nearestName("latent", names), "latents");
  assert.equal(nearestName("layers", names), "layers");
});

Deno.test("nearestName() gives nothing for a name unlike all", () => {
  assert.equal(nearestName("tokenizer", ["px", "mean"]), undefined);
  assert.equal(didYouMean("tokenizer", ["px", "mean"]), "");
});
