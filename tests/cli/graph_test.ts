import assert from "node:assert/strict";
import { join } from "node:path";
import { checkSvg } from "./check_svg.ts";
import { rookery } from "./recorded_output.ts";

Deno.test("graph writes segments and ops, with repeats folded", async () => {
  const { code, out, notes } = await rookery(
    "graph",
    "openflamingo-9b",
    "--program",
    "decode",
  );
  assert.equal(code, 0, notes);
  assert.match(out, /^program decode 1: \d+ segments of 8 templates/);
  // Three layers, then one with a gated block before it; eight times.
  assert.match(
    out,
    /^ {2}× 8\n {4}× 3\n {6}\[3\] +mpt\/block.*\n {4}\[4\] +cross_attention\/attend.*\n {4}\[3\] +mpt\/block/m,
  );
  assert.match(
    out,
    /^ {2}state +kv0 … kv31 \(32\) +f32 \[8, 2, 32, 128, 16\]$/m,
  );
  assert.match(out, /^template \[3\] mpt\/block: \d+ ops, 201M weights, /m);
  assert.match(
    out,
    /^ {2}%0 +project +\$x @attn\.Wqkv\.weight @norm_1\.weight +f32 /m,
  );
});

Deno.test("graph folds the layers inside one template", async () => {
  const { out } = await rookery(
    "graph",
    "openflamingo-3b",
    "--program",
    "image",
  );
  assert.match(out, /^template \[0\] clip_vit: 298 ops/m);
  assert(out.split("\n").length < 130);
  assert.match(out, /^ {2}× 24\n {4}%9 +layer_norm /m);
});

Deno.test("graph --planned tells dispatches and memory", async () => {
  const words = ["graph", "rookery-small", "--program", "decode", "--planned"];
  const { code, out, notes } = await rookery(...words, "--dtype", "q4_1");
  assert.equal(code, 0, notes);
  assert.match(out, /planned for .* in q4_1: \d+ dispatches/);
  assert.match(out, /memory: inputs .*, values .*, temporaries /);
  assert.match(out, / groups of \d+×\d+×\d+ .*@self_attn\.q_proj\.weight/);
  const cpu = await rookery(...words, "--device", "cpu");
  assert.equal(cpu.code, 1);
  assert.match(cpu.notes, /without kernels/);
});

Deno.test("graph --json writes programs by name", async () => {
  const { out } = await rookery("graph", "flamingo-tiny", "--json");
  const graphs = JSON.parse(out);
  assert.deepEqual(Object.keys(graphs), ["image", "text", "decode"]);
  for (
    const { name, segments, templates, flops } of Object.values<Graph>(graphs)
  ) {
    assert.equal(typeof name, "string");
    const sum = segments.reduce(
      (sum, { template }) => sum + templates[template]!.flops,
      0,
    );
    assert.equal(sum, flops);
  }
});

/** What the test reads of a graph. */
interface Graph {
  readonly name: string;
  readonly flops: number;
  readonly segments: readonly { readonly template: number }[];
  readonly templates: readonly { readonly flops: number }[];
}

Deno.test("graph --svg draws every template once, text only on demand", async () => {
  const folder = await Deno.makeTempDir();
  try {
    const path = join(folder, "graph.svg");
    const words = ["graph", "flamingo-80b", "--svg", path];
    const { code, out, notes } = await rookery(...words);
    assert.equal(code, 0, notes);
    assert.equal(out, "");
    const svg = await Deno.readTextFile(path);
    for (const title of ["nfnet", "perceiver", "chinchilla/block"]) {
      assert(svg.includes(`>${title}<`), title);
    }
    assert.match(svg, />× 11</);
    assert.match(svg, />kv0 … kv79 \(80\)</);
    checkSvg(svg);
    const both = await rookery(...words, "--text", "--program", "text");
    assert.match(both.out, /^program text 1x128 sample/);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("graph refuses a program that the model has not", async () => {
  const folder = new URL("../golden/models/llama_tied", import.meta.url);
  const words = ["graph", folder.pathname, "--program", "image"];
  const { code, notes } = await rookery(...words);
  assert.equal(code, 2);
  assert.match(notes, /its programs are text, decode/);
});
