import assert from "node:assert/strict";
import { scaledRope } from "../../../models/language/rope_scaling.ts";
import { ConfigJson } from "../../../plugins/config_json.ts";
import type { JsonObject } from "../../../plugins/json_file.ts";
import { ropeOfFolder } from "../../../plugins/llama/hf_rope.ts";
import golden from "../../golden/models/rope_scaling.json" with {
  type: "json",
};

function ropeOf(json: JsonObject, context: number = 64) {
  return ropeOfFolder(new ConfigJson("folder", json), context);
}

for (const { json, frequencies, scale } of golden) {
  const { rope_type, ...numbers } = json.rope_parameters;
  Deno.test(`ropeOfFolder() and scaledRope() make transformers' ${rope_type} of ${JSON.stringify(numbers)}`, () => {
    const told = json.max_position_embeddings;
    const rope = ropeOf(json, told);
    const { originalContext = told } = rope.scaling;
    const made = scaledRope(
      { theta: rope.theta, dims: json.head_dim, context: originalContext },
      rope.scaling,
    );
    assert.ok(Math.abs(made.scale - scale) <= 1e-7);
    assert.equal(made.frequencies.length, frequencies.length);
    frequencies.forEach((expected, i) => {
      const error = Math.abs(made.frequencies[i]! / expected - 1);
      assert.ok(error <= 1e-6, `frequency ${i} is off by ${error}`);
    });
  });
}

Deno.test("ropeOfFolder() reads the older names", () => {
  const four = {
    rope_theta: 500,
    rope_scaling: { type: "linear", factor: 2 },
    rope_parameters: { rope_type: "default" },
  };
  assert.deepEqual(ropeOf(four), {
    theta: 500,
    scaling: { kind: "linear", factor: 2 },
  });
  const none = { rope_scaling: {}, rope_theta: 500 };
  assert.deepEqual(ropeOf(none).scaling, { kind: "none" });
  assert.equal(ropeOf({}).theta, 10_000);
});

Deno.test("ropeOfFolder() refuses what it does not know, by name", () => {
  const refused = (json: JsonObject, message: RegExp) =>
    assert.throws(() => ropeOf(json), message);
  refused({ rope_scaling: { type: "su" } }, /scaled by "su": only "default", /);
  refused({ rope_parameters: { rope_type: "axial" } }, /scaled by "axial"/);
  refused({ rope_scaling: { factor: "2" } }, /rope_scaling.factor .* "2"/);
  refused({ partial_rotary_factor: 0.5 }, /partial_rotary_factor is 0.5/);
  refused(
    { rope_scaling: { rope_type: "longrope", short_factor: 2 } },
    /rope_scaling.short_factor .* is 2: it must be a list of numbers/,
  );
});
