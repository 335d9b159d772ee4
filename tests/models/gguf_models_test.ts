import { parseConfig } from "../../plugins/parse_config.ts";
import { checkLanguage, pathOf } from "./check_language.ts";

const FOLDERS = ["llama_linear", "llama_llama3", "llama_yarn"];

for (const name of FOLDERS) {
  const model = pathOf(`gguf/${name}.gguf`);
  checkLanguage(name, { name: `gguf/${name}.gguf`, model });
}

// The format has no place for the activation, which is not the usual one here.
const weights = pathOf("gguf/llama_biases.gguf");
const language = { weights, activation: "gelu" };
checkLanguage("llama_biases", {
  name: "gguf/llama_biases.gguf",
  model: parseConfig({ kind: "language", schema: 1, language }, "a test"),
});
