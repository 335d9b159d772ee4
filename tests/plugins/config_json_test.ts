import assert from "node:assert/strict";
import { ConfigJson } from "../../plugins/config_json.ts";

function config(json: Record<string, unknown>): ConfigJson {
  return new ConfigJson("folder", json);
}

Deno.test("ConfigJson reads values, null as none, by any of their names", () => {
  const json = config({
    n_layer: 3,
    eps: 1e-5,
    tied: false,
    act: "gelu",
    n_inner: null,
    attn_config: { alibi: true },
  });
  assert.equal(json.integer("num_hidden_layers", "n_layer"), 3);
  assert.equal(json.number("eps"), 1e-5);
  assert.equal(json.flag("tied"), false);
  assert.equal(json.text("act"), "gelu");
  assert.equal(json.integer("n_inner"), undefined);
  assert.equal(json.number("absent"), undefined);
  assert.equal(json.object("attn_config").flag("alibi"), true);
  assert.equal(json.object("absent").flag("alibi"), undefined);
});

Deno.test("ConfigJson reads lists of numbers, and tells an empty object", () => {
  const json = config({ factors: [1, 2.5], none: null, wrong: [1, "2"] });
  assert.deepEqual(json.numbers("factors"), [1, 2.5]);
  assert.equal(json.numbers("none"), undefined);
  assert.throws(() => json.numbers("wrong"), /it must be a list of numbers$/);
  assert.equal(json.object("absent").isEmpty, true);
  assert.equal(json.isEmpty, false);
});

Deno.test("ConfigJson refuses values of another kind", () => {
  const json = config({ a: "48", b: { c: 0 }, d: 1 });
  assert.throws(
    () => json.number("a"),
    /Cannot read folder as a in its config.json is "48": it must be a number$/,
  );
  assert.throws(
    () => json.object("b").integer("c"),
    /b\.c in its config.json is 0: it must be a whole number of at least 1$/,
  );
  assert.throws(() => json.flag("d"), /d .* is 1: it must be true or false$/);
  assert.throws(() => json.text("d"), /it must be a text$/);
  assert.throws(() => json.object("d"), /it must be an object$/);
});

Deno.test("ConfigJson refuses what cannot be run, by name", () => {
  const json = config({ act: "prelu", inner: { bias: true }, none: null });
  json.allow("absent", false);
  json.allow("none", false);
  json.allow("act", "gelu", "prelu");
  assert.throws(() => json.allow("act", "gelu", "relu"), {
    code: "config",
    message: 'Cannot run folder as its act is "prelu": only "gelu" or "relu" ' +
      "can be run",
  });
  assert.throws(
    () => json.object("inner").allow("bias", false),
    /its inner.bias is true: only false can be run/,
  );
});

Deno.test("ConfigJson finds rotary positions in both styles", () => {
  const expected = { theta: 500, fraction: 0.25 };
  const inner = { rope_theta: 500, partial_rotary_factor: 0.25 };
  const five = { rope_parameters: { rope_type: "default", ...inner } };
  assert.deepEqual(config(five).rotary(), expected);
  assert.deepEqual(config({ ...inner, rope_scaling: null }).rotary(), expected);
  const old = { rotary_emb_base: 500, rotary_pct: 0.25 };
  assert.deepEqual(config(old).rotary(), expected);
  const none = { theta: undefined, fraction: undefined };
  assert.deepEqual(config({}).rotary(), none);
  assert.throws(
    () => config({ rope_scaling: { type: "linear" } }).rotary(),
    /its rotary positions are scaled by "linear": only unscaled ones/,
  );
  assert.throws(
    () => config({ rope_parameters: { rope_type: "llama3" } }).rotary(),
    /scaled by "llama3"/,
  );
});
