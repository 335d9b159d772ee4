import { checkFlamingo } from "./check_flamingo.ts";

for (const name of ["gpt2", "opt", "trained"]) {
  checkFlamingo({
    name: `flamingo-mini ${name}`,
    model: `flamingo_mini_${name}`,
    inputs: `flamingo_mini_${name}/inputs.safetensors`,
    outputs: `flamingo_mini_${name}/logits.safetensors`,
  });
}
