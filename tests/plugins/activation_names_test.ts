import assert from "node:assert/strict";
import { activationOf } from "../../plugins/activation_names.ts";
import { ConfigJson } from "../../plugins/config_json.ts";

function named(act: unknown): string | undefined {
  return activationOf(new ConfigJson("folder", { act }), "act");
}

Deno.test("activationOf() knows the names that mean the same", () => {
  assert.deepEqual(["gelu", "gelu_python"].map(named), ["gelu", "gelu"]);
  const tanh = ["gelu_new", "gelu_fast", "gelu_accurate", "gelu_pytorch_tanh"];
  assert.deepEqual(new Set(tanh.map(named)), new Set(["gelu_tanh"]));
  assert.deepEqual(["silu", "swish"].map(named), ["silu", "silu"]);
  assert.deepEqual([named("relu2"), named(null)], ["squared_relu", undefined]);
});

Deno.test("activationOf() refuses others by name", () => {
  assert.throws(
    () => named("mish"),
    /Cannot run folder as its act is "mish": only relu, .* can be run/,
  );
  assert.throws(() => named("toString"), /its act is "toString"/);
  assert.throws(
    () => named(3),
    /act in its config.json is 3: it must be a text/,
  );
});
