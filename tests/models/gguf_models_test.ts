import { parseConfig } from "../../plugins/parse_config.ts";
import { checkLanguage, pathOf } from "./check_language.ts";

/** By the folder of the same model: options that the format has no place for. */
const FILES = {
  llama_linear: {},
  llama_llama3: {},
  llama_yarn: {},
  llama_biases: { activation: "gelu" },
  gpt2_tied: {},
  gpt2_untied: { activation: "gelu", isScaled: false },
  gpt_neox_parallel: {},
  gpt_neox_sequential: { activation: "gelu_tanh" },
  mpt_clipped: { softmaxScale: 0.4 },
  mpt_learned: { logitScale: 1 / Math.sqrt(30) },
};

for (const [folder, options] of Object.entries(FILES)) {
  const weights = pathOf(`gguf/${folder}.gguf`);
  const language = { weights, ...options };
  checkLanguage(folder, {
    name: `gguf/${folder}.gguf`,
    model: Object.keys(options).length === 0
      ? weights
      : parseConfig({ kind: "language", schema: 1, language }, folder),
  });
}
