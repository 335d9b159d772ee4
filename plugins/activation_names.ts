/**
 * Activations as `config.json` files name them.
 *
 * @module
 */

import type { ActivationName } from "../models/language/activation.ts";
import type { ConfigJson } from "./config_json.ts";

/**
 * The activation that a key of a `config.json` names; undefined without it.
 *
 * @throws {RookeryError} `config` for one that cannot be run, `file` for what
 * is no name
 */
export function activationOf(
  json: ConfigJson,
  key: string,
): ActivationName | undefined {
  const name = json.text(key);
  if (name === undefined) return undefined;
  const names = publishedNames();
  if (Object.hasOwn(names, name)) return names[name];
  throw json.refusal(`its ${key} is "${name}"`, Object.keys(names).join(", "));
}

/** Several names of Hugging Face are one function, computed in other ways. */
function publishedNames(): Readonly<Record<string, ActivationName>> {
  return {
    relu: "relu",
    relu2: "squared_relu",
    gelu: "gelu",
    gelu_python: "gelu",
    gelu_new: "gelu_tanh",
    gelu_fast: "gelu_tanh",
    gelu_accurate: "gelu_tanh",
    gelu_pytorch_tanh: "gelu_tanh",
    gelu_python_tanh: "gelu_tanh",
    quick_gelu: "quick_gelu",
    silu: "silu",
    swish: "silu",
    tanh: "tanh",
  };
}
