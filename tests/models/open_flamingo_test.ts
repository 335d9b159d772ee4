import { checkFlamingo } from "./check_flamingo.ts";

// Checkpoints as open_flamingo saves them, each with its language model: an
// embedding with fewer rows than the folder's (mpt, gpt_neox, mosaic_gpt) and
// with more (llama, opt); trained tensors alone, a training script's dict
// (llama), and all tensors (gpt_neox).
for (const name of ["mpt", "gpt_neox", "llama", "opt", "mosaic_gpt"]) {
  checkFlamingo({
    name: `OpenFlamingo on ${name}`,
    model: `open_flamingo/${name}.json`,
    inputs: "open_flamingo/inputs.safetensors",
    outputs: `open_flamingo/${name}.safetensors`,
  });
}
