import { checkFlamingo } from "./check_flamingo.ts";

for (const name of ["base", "instruct", "early"]) {
  checkFlamingo({
    name: `IDEFICS ${name}`,
    model: `idefics_${name}`,
    inputs: `idefics_${name}/inputs.safetensors`,
    outputs: `idefics_${name}/logits.safetensors`,
  });
}
