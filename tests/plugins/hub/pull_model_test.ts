import assert from "node:assert/strict";
import { join, relative } from "node:path";
import type { FetchProgress } from "../../../plugins/weights_cache/mod.ts";
import { HubFixture, walk } from "./hub_fixture.ts";
import { COMMIT, REPO, TOKEN } from "./hub_server.ts";
import { sha256, someBytes } from "./served_bytes.ts";
import { PYTHON_CACHE, servedByPython } from "./python_cache.ts";

const WEIGHTS = someBytes(300_000);
const FILES = {
  "README.md": "# Tiny\n",
  "config.json": '{"model_type":"llama"}\n',
  "model.safetensors": WEIGHTS,
  "onnx/model.onnx": someBytes(5000, 2),
  "pytorch_model.bin": someBytes(5000, 3),
  "tokenizer.json": someBytes(4000, 4),
};

Deno.test("pullModel() brings what it takes to run a model, once", async () => {
  await using fixture = new HubFixture(FILES);
  const events: FetchProgress[] = [];
  const first = await fixture.pull({ onProgress: (e) => events.push(e) });
  assert.deepEqual(first.files.map(({ path, state }) => [path, state]), [
    ["config.json", "downloaded"],
    ["model.safetensors", "downloaded"],
    ["tokenizer.json", "downloaded"],
  ]);
  assert.equal(first.commit, COMMIT);
  assert.equal(first.files[1]?.sha256, sha256(WEIGHTS));
  const at = join(first.folder, "model.safetensors");
  assert.deepEqual(Deno.readFileSync(at), WEIGHTS);
  assert.equal(first.downloadedBytes, 304_023);
  assert.ok(events.every(({ totalBytes }) => totalBytes === 304_023));
  assert.equal(events.at(-1)?.doneBytes, 304_023);

  fixture.hub.asked.length = 0;
  const second = await fixture.pull();
  assert.deepEqual(
    new Set(second.files.map(({ state }) => state)),
    new Set(["present"]),
  );
  assert.equal(second.downloadedBytes, 0);
  const paths = fixture.hub.asked.map(({ path }) => path);
  assert.ok(paths.every((path) => path.startsWith("/api/")), "only the list");
  assert.deepEqual(
    fixture.tree("blobs").filter((path) => /incomplete/.test(path)),
    [],
  );
});

Deno.test("pullModel() lays the cache out as Python's library does", async () => {
  await using fixture = new HubFixture(servedByPython());
  for (const [revision, commit] of Object.entries(PYTHON_CACHE.commits)) {
    fixture.hub.refs.set(revision, commit);
    await fixture.pull({ include: ["**"] }, revision);
  }
  const own = Object.fromEntries(
    walk(fixture.cacheDir).map((path) => {
      const link = linkOf(path);
      const content = link ?? Deno.readFileSync(path).toBase64();
      return [relative(fixture.cacheDir, path), content];
    }).sort(),
  );
  const theirs = Object.fromEntries(
    Object.entries(PYTHON_CACHE.cache)
      // Notes that its newer versions make for themselves.
      .filter(([path]) => !/^CACHEDIR.TAG|\/trees\//.test(path))
      .map(([path, { link, content }]) => [path, link ?? content]).sort(),
  );
  assert.deepEqual(own, theirs);
});

function linkOf(path: string): string | undefined {
  return Deno.lstatSync(path).isSymlink ? Deno.readLinkSync(path) : undefined;
}

Deno.test("pullModel() reads a list of many pages", async () => {
  const files = Object.fromEntries(
    Array.from({ length: 23 }, (_, i) => [`config_${i}.json`, `${i}`]),
  );
  await using fixture = new HubFixture(files);
  fixture.hub.pageSize = 5;
  assert.equal((await fixture.pull()).files.length, 23);
});

Deno.test("pullModel() takes a tag, a commit and a moved branch", async () => {
  await using fixture = new HubFixture(FILES);
  const { hub } = fixture;
  const next = "b".repeat(40);
  hub.refs.set("refs/pr/1", next);
  assert.equal((await fixture.pull({}, "refs/pr/1")).commit, next);
  assert.equal((await fixture.pull({}, COMMIT)).downloadedBytes, 0);
  assert.deepEqual(fixture.tree("refs"), ["refs/refs/pr/1"]);
  hub.refs.set("main", next);
  hub.add("config.json", "{}");
  const moved = await fixture.pull();
  assert.equal(moved.commit, next);
  assert.equal(moved.downloadedBytes, 2, "only what changed");
  assert.equal(Deno.readTextFileSync(join(moved.folder, "config.json")), "{}");
});

Deno.test("pullModel() brings equal files once, and files of no bytes", async () => {
  const same = someBytes(9000);
  await using fixture = new HubFixture({
    "a.bin": same,
    "b.bin": same,
    "inner/c.bin": same,
    "empty.txt": "",
  });
  const { folder, downloadedBytes } = await fixture.pull({ include: ["**"] });
  assert.equal(downloadedBytes, 9000);
  assert.equal(fixture.tree("blobs").length, 2);
  assert.deepEqual(Deno.readFileSync(join(folder, "inner/c.bin")), same);
  assert.equal(Deno.statSync(join(folder, "empty.txt")).size, 0);
});

Deno.test("pullModel() shows its token to the hub and to no other", async () => {
  await using fixture = new HubFixture(FILES);
  fixture.hub.access = "private";
  const pulled = await fixture.pull({ token: `${TOKEN}\n` });
  assert.equal(pulled.files.length, 3);
  const { asked } = fixture.hub;
  const own = asked.filter(({ isLarge }) => !isLarge);
  const large = asked.filter(({ isLarge }) => isLarge);
  assert.ok(own.every(({ token }) => token === `Bearer ${TOKEN}`));
  assert.equal(large.length, 2);
  assert.ok(large.every(({ token }) => token === null));
});

Deno.test("pullModel() brings what globs fit", async () => {
  await using fixture = new HubFixture(FILES);
  const paths = async (...include: string[]) =>
    (await fixture.pull({ include })).files.map(({ path }) => path);
  assert.deepEqual(await paths("*.bin", "README.md"), [
    "README.md",
    "pytorch_model.bin",
  ]);
  assert.deepEqual(await paths("onnx/"), ["onnx/model.onnx"]);
  const { message, code } = await fixture.failure({ include: ["confg.json"] });
  assert.equal(code, "file");
  assert.match(message, /no file of it fits \(did you mean "config\.json"\?\)/);
});

Deno.test("pullModel() repairs links and blobs that are damaged", async () => {
  await using fixture = new HubFixture(FILES);
  const { folder } = await fixture.pull();
  const blob = join(fixture.folder, "blobs", sha256(WEIGHTS));
  Deno.truncateSync(blob, 1000);
  Deno.removeSync(join(folder, "config.json"));
  Deno.symlinkSync("../../blobs/none", join(folder, "config.json"));
  const again = await fixture.pull();
  assert.deepEqual(again.files.map(({ state }) => state), [
    "present",
    "downloaded",
    "present",
  ]);
  assert.deepEqual(
    Deno.readFileSync(join(folder, "model.safetensors")),
    WEIGHTS,
  );
  assert.equal(
    Deno.readTextFileSync(join(folder, "config.json")),
    FILES["config.json"],
  );
});

Deno.test("pullModel() leaves plain files of a cache without links", async () => {
  await using fixture = new HubFixture(FILES);
  const { folder } = await fixture.pull();
  const path = join(folder, "model.safetensors");
  const blob = Deno.realPathSync(path);
  Deno.removeSync(path);
  Deno.renameSync(blob, path);
  const again = await fixture.pull();
  assert.equal(again.downloadedBytes, 0);
  assert.equal(linkOf(path), undefined);
});

Deno.test("pullModel() refuses names that lead out of the cache", async () => {
  await using fixture = new HubFixture({
    "config.json": "{}",
    "../../../out.txt": "x",
  });
  const { message, code } = await fixture.failure({ include: ["**"] });
  assert.equal(code, "file");
  assert.match(message, new RegExp(`Cannot pull ${REPO} as .*out\\.txt`));
  assert.deepEqual(walk(fixture.cacheDir), []);
  const refused = await fixture.failure({}, "../../x");
  assert.equal(refused.code, "usage");
});
