import assert from "node:assert/strict";
import {
  createDevice,
  outlineGraphs,
  outlineModel,
  parseConfig,
  type ProgramGraph,
} from "../../mod.ts";
import { tinyConfigJson, tinyPlugins } from "../support/tiny_model.ts";

const outline = () =>
  outlineModel(parseConfig(tinyConfigJson(), "tiny"), {
    plugins: tinyPlugins(),
  });

/** Throws where a reference leads nowhere. */
function checkReferences(graph: ProgramGraph): void {
  const named = new Set([
    ...graph.inputs.map(({ name }) => `$${name}`),
    ...graph.states.map(({ name }) => `&${name}`),
  ]);
  for (const { template, inputs, outputs } of graph.segments) {
    const kind = graph.templates[template]!;
    assert.deepEqual(
      Object.keys(inputs),
      kind.inputs.map(({ name }) => name),
    );
    assert.deepEqual(Object.keys(outputs), Object.keys(kind.outputs));
    for (const value of Object.values(inputs)) assert(named.has(value), value);
    for (const value of Object.values(outputs)) named.add(value);
  }
  for (const value of Object.values(graph.outputs)) assert(named.has(value));
  for (const kind of graph.templates) {
    const inside = new Set([
      ...kind.inputs.map(({ kind, name }) =>
        (kind === "state" ? "&" : "$") + name
      ),
      ...kind.weights.map(({ name }) => `@${name}`),
      ...kind.constants.map(({ name }) => name),
    ]);
    for (const { id, operands } of kind.ops) {
      for (const operand of operands) assert(inside.has(operand), operand);
      inside.add(id);
    }
    for (const value of Object.values(kind.outputs)) assert(inside.has(value));
    for (const { of, bindings } of kind.kernels ?? []) {
      assert(inside.has(of), of);
      for (const { place } of bindings) {
        const isOwn = /^(output|slot) /.test(place);
        assert(isOwn || inside.has(place.replace(/\/\d+$/, "")), place);
      }
    }
  }
}

Deno.test("outlineGraphs() tells programs whose references lead somewhere", async () => {
  const graphs = outlineGraphs(await outline());
  assert.deepEqual(Object.keys(graphs), ["image", "text", "decode"]);
  for (const graph of Object.values(graphs)) {
    checkReferences(graph);
    assert.equal(graph.plan, undefined);
    assert.deepEqual(graph, JSON.parse(JSON.stringify(graph)));
  }
  const prefixes = graphs.decode!.segments.map(({ prefix }) => prefix);
  const at = (prefix: string) => prefixes.indexOf(prefix);
  // A gated block stands right before its layer.
  for (const layer of [0, 2]) {
    assert.equal(
      at(`crossAttention/${layer}.`) + 1,
      at(`language/model.layers.${layer}.`),
    );
  }
});

Deno.test("outlineGraphs() tells kernels and memory after planning", async () => {
  using device = await createDevice();
  const { profile } = device;
  const graphs = outlineGraphs(await outline(), { profile, layout: "q8_0" });
  for (const graph of Object.values(graphs)) {
    checkReferences(graph);
    assert.deepEqual(graph, JSON.parse(JSON.stringify(graph)));
    const { plan, segments, templates } = graph;
    assert.equal(plan!.device, profile.name);
    const dispatches = segments.map(({ template }) =>
      templates[template]!.kernels!.length
    );
    assert.equal(plan!.dispatches, dispatches.reduce((a, b) => a + b, 0));
    const kernels = templates.flatMap(({ kernels }) => kernels!);
    assert(kernels.some(({ name }) => name.includes("q8_0")));
  }
  assert.equal(device.memory.heldBytes, 0);
});

Deno.test("outlineGraphs() has no kernels for the CPU device", async () => {
  using device = await createDevice({ device: "cpu", memoryBytes: 1024 });
  const { profile } = device;
  const made = await outline();
  assert.throws(() => outlineGraphs(made, { profile, layout: "f32" }), {
    code: "device",
    message: /without kernels: choose a WebGPU device/,
  });
});
