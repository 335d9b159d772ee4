import assert from "node:assert/strict";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import {
  assemble,
  createDevice,
  parseConfig,
  readConfig,
} from "../../../mod.ts";
import {
  findPulled,
  type HubSource,
  pullModel,
} from "../../../plugins/hub/mod.ts";
import { chunkOf } from "../../models/compare.ts";
import { HubFixture } from "./hub_fixture.ts";
import { COMMIT, REPO } from "./hub_server.ts";
import { someBytes } from "./served_bytes.ts";
import { layPythonCache, PYTHON_CACHE } from "./python_cache.ts";

const GOLDEN = fileURLToPath(
  new URL("../../golden/models/llama_tied/", import.meta.url),
);
const INDEX = JSON.stringify({
  metadata: {},
  weight_map: {
    a: "model-00001-of-00002.safetensors",
    b: "model-00002-of-00002.safetensors",
  },
});

/** A temporary cache that variables of the environment name meanwhile. */
async function withCache(
  step: (cacheDir: string) => Promise<void>,
): Promise<void> {
  const cacheDir = await Deno.makeTempDir({ prefix: "hub-cache-" });
  const earlier = Deno.env.get("HF_HUB_CACHE");
  Deno.env.set("HF_HUB_CACHE", cacheDir);
  try {
    await step(cacheDir);
  } finally {
    if (earlier === undefined) Deno.env.delete("HF_HUB_CACHE");
    else Deno.env.set("HF_HUB_CACHE", earlier);
    await Deno.remove(cacheDir, { recursive: true });
  }
}

/** Puts files into a cache, as `main` of the model. */
function layFiles(
  cacheDir: string,
  files: Readonly<Record<string, string | Uint8Array>>,
): string {
  const folder = join(cacheDir, `models--${REPO.replace("/", "--")}`);
  for (const [path, content] of Object.entries(files)) {
    const file = join(folder, "snapshots", COMMIT, path);
    Deno.mkdirSync(dirname(file), { recursive: true });
    if (typeof content === "string") Deno.writeTextFileSync(file, content);
    else Deno.writeFileSync(file, content);
  }
  Deno.mkdirSync(join(folder, "refs"), { recursive: true });
  Deno.writeTextFileSync(join(folder, "refs", "main"), COMMIT);
  return join(folder, "snapshots", COMMIT);
}

async function refusal(source: HubSource): Promise<string> {
  return await findPulled(source).then(
    (path) => assert.fail(`found ${path}`),
    (error: Error) => error.message,
  );
}

Deno.test("findPulled() finds what Python's library brought", async () => {
  await withCache(async (cacheDir) => {
    layPythonCache(cacheDir);
    const { commits: { main, "v1.0": tag } } = PYTHON_CACHE;
    const folder = await findPulled({ hub: REPO });
    assert.ok(folder.endsWith(join("snapshots", main!)));
    assert.ok(
      (await findPulled({ hub: REPO, revision: "v1.0" })).endsWith(tag!),
    );
    assert.ok((await findPulled({ hub: REPO, revision: tag! })).endsWith(tag!));
    const file = await findPulled({ hub: REPO, file: "sub/folder/notes.txt" });
    assert.equal(await Deno.readTextFile(file), "inner\n");
  });
});

Deno.test("pullModel() offline says what a cache has", async () => {
  await withCache(async (cacheDir) => {
    layPythonCache(cacheDir);
    // Nothing listens there: a request would fail.
    const options = { isOffline: true, endpoint: "http://127.0.0.1:9" };
    const pulled = await pullModel({ hub: REPO }, options);
    assert.deepEqual(pulled.files.map(({ path, state }) => [path, state]), [
      ["config.json", "present"],
      ["model.safetensors", "present"],
    ]);
    assert.equal(pulled.downloadedBytes, 0);
    // The list that came with it tells what is missing.
    await Deno.remove(join(pulled.folder, "model.safetensors"));
    await assert.rejects(
      pullModel({ hub: REPO }, options),
      /lacks model\.safetensors: bring it by "deno task rookery pull owner\/tiny-model"/,
    );
    const include = ["config.json"];
    assert.equal(
      (await pullModel({ hub: REPO }, { ...options, include })).files.length,
      1,
    );
  });
});

Deno.test("pullModel() heeds HF_HUB_OFFLINE", async () => {
  await using fixture = new HubFixture({ "config.json": "{}" });
  const { isOffline: _, ...options } = fixture.options;
  Deno.env.set("HF_HUB_OFFLINE", "1");
  try {
    await assert.rejects(
      pullModel({ hub: REPO }, options),
      /it is not in .*hub-cache.*: bring it by/,
    );
  } finally {
    Deno.env.delete("HF_HUB_OFFLINE");
  }
  assert.deepEqual(fixture.hub.asked, []);
});

Deno.test("findPulled() names the command that brings what is missing", async () => {
  await withCache(async (cacheDir) => {
    assert.match(
      await refusal({ hub: REPO }),
      /it is not in .*: bring it by "deno task rookery pull owner\/tiny-model" /,
    );
    layFiles(cacheDir, { "config.json": "{}" });
    assert.match(
      await refusal({ hub: "owner/tiny-modle" }),
      /\(did you mean "owner\/tiny-model"\?\)/,
    );
    assert.match(
      await refusal({ hub: REPO, revision: "v2", file: "check point.pt" }),
      /only main: bring it by "deno task rookery pull owner\/tiny-model@v2 --include 'check point\.pt'"/,
    );
    assert.match(
      await refusal({ hub: REPO, file: "confg.json" }),
      /no file "confg\.json" \(did you mean "config\.json"\?\): .* --include confg\.json"/,
    );
  });
});

Deno.test("findPulled() refuses a folder that lacks shards", async () => {
  await withCache(async (cacheDir) => {
    const first = "model-00001-of-00002.safetensors";
    const folder = layFiles(cacheDir, {
      "model.safetensors.index.json": INDEX,
      [first]: "a",
    });
    assert.match(
      await refusal({ hub: REPO }),
      /lacks model-00002-of-00002\.safetensors, which model\.safetensors\.index\.json names: bring it/,
    );
    // One file of it is whole all the same.
    assert.ok(await findPulled({ hub: REPO, file: first }));
    // An index that is not used may be left alone.
    layFiles(cacheDir, { "pytorch_model.bin": "b" });
    layFiles(cacheDir, { "pytorch_model.bin.index.json": INDEX });
    assert.equal(await findPulled({ hub: REPO }), folder);
  });
});

Deno.test("findPulled() takes no link that leads nowhere", async () => {
  await withCache(async (cacheDir) => {
    const folder = layFiles(cacheDir, { "config.json": "{}" });
    await Deno.symlink("../../blobs/none", join(folder, "model.safetensors"));
    assert.match(
      await refusal({ hub: REPO, file: "model.safetensors" }),
      /has no file "model\.safetensors"/,
    );
  });
});

Deno.test("a pulled model is assembled by name, by entry and by file", async () => {
  await using fixture = new HubFixture({
    "config.json": await Deno.readFile(join(GOLDEN, "config.json")),
    "model.safetensors": await Deno.readFile(join(GOLDEN, "model.safetensors")),
  });
  await fixture.pull();
  const language = (weights: unknown) =>
    parseConfig({
      kind: "language",
      schema: 1,
      language: { part: "llama/decoder", weights },
    }, "");
  await withCache(async () => {
    Deno.env.set("HF_HUB_CACHE", fixture.cacheDir);
    using device = await createDevice({ device: "cpu" });
    const models = [
      `hf:${REPO}`,
      `hf:${REPO}@${COMMIT}`,
      language({ hub: REPO }),
      language({ hub: REPO, file: "model.safetensors" }),
      GOLDEN,
    ];
    const logits: Float32Array[] = [];
    for (const model of models) {
      using opened = await assemble(model, { device });
      const sequence = opened.engine.open();
      logits.push(await opened.engine.logits(sequence, chunkOf([1, 5, 9])));
      opened.engine.close(sequence);
    }
    for (const each of logits) assert.deepEqual(each, logits.at(-1));
    const { config, path } = await readConfig(`hf:${REPO}`);
    assert.equal(config.name, REPO, "a commit's name is no name for people");
    assert.equal(path, `hf:${REPO}`);
    await assert.rejects(
      assemble(language({ hub: REPO, revision: "v2" }), { device }),
      /bring it by "deno task rookery pull owner\/tiny-model@v2"/,
    );
    await assert.rejects(readConfig("hf:../tiny"), { code: "usage" });
  });
});

Deno.test("parseConfig() reads entries of the hub", () => {
  const read = (weights: unknown) => {
    const json = { kind: "language", schema: 1, language: { weights } };
    const config = parseConfig(json, "mine");
    assert.equal(config.kind, "language");
    return config.kind === "language" ? config.language.weights : undefined;
  };
  for (
    const entry of [
      { hub: "gpt2" },
      { hub: REPO, revision: "refs/pr/1", file: "a/checkpoint.pt" },
    ]
  ) assert.deepEqual(read(entry), entry);
  for (
    const [entry, fault] of [
      [{ hub: "a/b/c" }, /weights\.hub.*a name such as/],
      [{ hub: REPO, revision: "../x" }, /weights\.revision.*a branch, a tag/],
      [{ hub: REPO, file: "../x" }, /weights\.file.*inside the model's folder/],
      [{ hub: REPO, reversion: "x" }, /weights\.reversion.*revision/],
      [{ hub: REPO, sha256: "0" }, /weights\.sha256/],
    ] as const
  ) assert.throws(() => read(entry), fault);
});

Deno.test("pulled files keep their bytes whatever their length", async () => {
  const lengths = [1, 2000, 2001, 65_536, 65_537, (1 << 20) + 3];
  await using fixture = new HubFixture(
    Object.fromEntries(lengths.map((n) => [`${n}.bin`, someBytes(n)])),
  );
  const { folder } = await fixture.pull();
  for (const n of lengths) {
    assert.deepEqual(Deno.readFileSync(join(folder, `${n}.bin`)), someBytes(n));
  }
});
