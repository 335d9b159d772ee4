import assert from "node:assert/strict";
import { join } from "node:path";
import { withFileLock } from "../../../plugins/weights_cache/file_lock.ts";
import { HubFixture, pullInChild, QUICK_RETRY } from "./hub_fixture.ts";
import { gitSha1, sha256, someBytes } from "./served_bytes.ts";

const SIZE = 500_000;
const WEIGHTS = someBytes(SIZE);
const FILE = "model.safetensors";
const BLOB = `blobs/${sha256(WEIGHTS)}`;
const PART = `${BLOB}.incomplete`;

function fixtureOf(): HubFixture {
  return new HubFixture({ [FILE]: WEIGHTS, "config.json": "{}" });
}

/** Nothing that is not whole may have the name of a whole file. */
function assertNothingWhole(fixture: HubFixture): void {
  assert.deepEqual(fixture.tree("snapshots"), []);
  assert.deepEqual(fixture.tree("refs"), []);
  assert.ok(!fixture.tree().includes(BLOB));
}

function assertWhole(folder: string): void {
  assert.deepEqual(Deno.readFileSync(join(folder, FILE)), WEIGHTS);
}

Deno.test("pullModel() goes on where a connection was cut", async () => {
  await using fixture = fixtureOf();
  fixture.hub.faults.set(FILE, { cutAfter: 100_000, times: 2 });
  const { folder, downloadedBytes } = await fixture.pull();
  assertWhole(folder);
  const [first, ...further] = fixture.hub.ranges(FILE);
  assert.equal(first, null);
  assert.equal(further.length, 2);
  assert.ok(further.every((range) => /^bytes=[1-9]\d*-$/.test(range ?? "")));
  assert.equal(downloadedBytes, SIZE + 2, "no byte came twice");
});

Deno.test("pullModel() goes on where a body ends early", async () => {
  await using fixture = fixtureOf();
  fixture.hub.faults.set(FILE, { cutAfter: 7, isQuiet: true, times: 1 });
  assertWhole((await fixture.pull()).folder);
  assert.deepEqual(fixture.hub.ranges(FILE), [null, "bytes=7-"]);
});

Deno.test("pullModel() goes on where nothing comes any more", async () => {
  await using fixture = fixtureOf();
  fixture.hub.faults.set(FILE, { cutAfter: 1000, isStall: true, times: 1 });
  assertWhole((await fixture.pull()).folder);
  assert.deepEqual(fixture.hub.ranges(FILE), [null, "bytes=1000-"]);
});

Deno.test("pullModel() gives up after some cuts, and goes on next time", async () => {
  await using fixture = fixtureOf();
  fixture.hub.faults.set(FILE, { cutAfter: 100_000 });
  const { message, code } = await fixture.failure();
  assert.equal(code, "file");
  assert.match(
    message,
    /Cannot pull model\.safetensors of owner\/tiny-model as the connection was cut 3 times in a row \(.+\), with .* of 488\.3 KiB there: run the same command again/,
  );
  assertNothingWhole(fixture);
  const there = Deno.statSync(join(fixture.folder, PART)).size;
  assert.ok(there > 100_000 && there <= 300_000, String(there));

  fixture.hub.faults.clear();
  fixture.hub.asked.length = 0;
  const { folder, files, downloadedBytes } = await fixture.pull();
  assertWhole(folder);
  assert.deepEqual(fixture.hub.ranges(FILE), [`bytes=${there}-`]);
  assert.equal(files.find(({ path }) => path === FILE)?.state, "resumed");
  assert.ok(downloadedBytes <= SIZE - there + 2);
  assert.ok(!fixture.tree().includes(PART));
});

Deno.test("pullModel() goes on after a kill", async (test) => {
  for (const share of [0, 0.5, 1]) {
    await test.step(`at ${share * 100} %`, async () => {
      await using fixture = fixtureOf();
      const { options } = fixture;
      const dieAtBytes = share * SIZE;
      const { code } = await pullInChild({ options, dieAtBytes });
      assert.equal(code, "died");
      assertNothingWhole(fixture);
      const part = Deno.statSync(join(fixture.folder, PART)).size;
      assertWhole((await fixture.pull()).folder);
      if (part > 0 && part < SIZE) {
        assert.equal(fixture.hub.ranges(FILE).at(-1), `bytes=${part}-`);
      }
    });
  }
});

Deno.test("pullModel() begins anew where a server knows no ranges", async () => {
  await using fixture = fixtureOf();
  fixture.hub.faults.set(FILE, { cutAfter: 1000, times: 1 });
  await fixture.failure({ retry: { ...QUICK_RETRY, attempts: 1 } });
  fixture.hub.faults.set(FILE, { isWhole: true });
  assertWhole((await fixture.pull()).folder);
});

Deno.test("pullModel() brings a part anew that is damaged or too long", async (test) => {
  const parts = {
    damaged: someBytes(1000, 7),
    "as long as the file, damaged": someBytes(SIZE, 7),
    "too long": someBytes(SIZE + 1),
    "whole already": WEIGHTS,
  };
  for (const [name, part] of Object.entries(parts)) {
    await test.step(name, async () => {
      await using fixture = fixtureOf();
      Deno.mkdirSync(join(fixture.folder, "blobs"), { recursive: true });
      Deno.writeFileSync(join(fixture.folder, PART), part);
      const { folder, downloadedBytes } = await fixture.pull();
      assertWhole(folder);
      if (part === WEIGHTS) assert.equal(downloadedBytes, 2);
    });
  }
});

Deno.test("pullModel() deletes what has a wrong hash, and names both", async () => {
  await using fixture = fixtureOf();
  fixture.hub.faults.set(FILE, { isWrong: true });
  const { message, code } = await fixture.failure();
  assert.equal(code, "file");
  const actual = sha256(Uint8Array.from(WEIGHTS).reverse());
  assert.ok(
    message.includes(`SHA-256 is ${actual}: expected ${sha256(WEIGHTS)}`),
  );
  assertNothingWhole(fixture);
  assert.ok(!fixture.tree().includes(PART));
});

Deno.test("pullModel() checks small files by the hash git gives them", async () => {
  await using fixture = fixtureOf();
  fixture.hub.add("config.json", '{"a":1}');
  fixture.hub.faults.set("config.json", { isWrong: true });
  const { message } = await fixture.failure();
  const right = gitSha1(new TextEncoder().encode('{"a":1}'));
  assert.match(message, new RegExp(`git SHA-1 is \\w{40}: expected ${right}`));
  assertNothingWhole(fixture);
});

Deno.test("pullModel() asks a busy hub again", async () => {
  await using fixture = fixtureOf();
  fixture.hub.nextStatuses.push(503, 429);
  assertWhole((await fixture.pull()).folder);
  fixture.hub.nextStatuses.push(0, 503);
  assert.equal((await fixture.pull()).downloadedBytes, 0);
  fixture.hub.nextStatuses.push(0, 0, 0);
  assert.match((await fixture.failure()).message, /Cannot reach http:\S+ as /);
  fixture.hub.nextStatuses.push(500, 500, 500);
  const { message } = await fixture.failure();
  assert.match(message, /Cannot reach http:\S+ as it answers with status 500/);
});

Deno.test("pullModel() says that there is no network", async () => {
  await using fixture = fixtureOf();
  const closed = Deno.listen({ port: 0, hostname: "127.0.0.1" });
  const endpoint = `http://127.0.0.1:${closed.addr.port}`;
  closed.close();
  const { message, code } = await fixture.failure({ endpoint });
  assert.equal(code, "file");
  assert.match(
    message,
    /Cannot reach http:\S+ as .*refused.*: check the network/i,
  );
  assert.ok(message.includes("--offline"));
});

Deno.test("pullModel() in two processes brings a file once", async () => {
  await using fixture = fixtureOf();
  const { options } = fixture;
  const results = await Promise.all([
    pullInChild({ options }),
    pullInChild({ options }),
  ]);
  for (const { pulled, error } of results) {
    assert.ok(pulled !== undefined, error);
    assertWhole(pulled.folder);
  }
  assert.deepEqual(fixture.hub.ranges(FILE), [null]);
});

Deno.test("pullModel() waits for the lock of Python's library", async () => {
  await using fixture = fixtureOf();
  const lock = join(
    fixture.cacheDir,
    ".locks",
    "models--owner--tiny-model",
    `${sha256(WEIGHTS)}.lock`,
  );
  let pulling: Promise<unknown> = Promise.resolve();
  await withFileLock(lock, async () => {
    pulling = fixture.pull();
    await new Promise((resolve) => setTimeout(resolve, 200));
    assert.deepEqual(fixture.hub.ranges(FILE), [], "not asked while locked");
    Deno.mkdirSync(join(fixture.folder, "blobs"), { recursive: true });
    Deno.writeFileSync(join(fixture.folder, BLOB), WEIGHTS);
  });
  await pulling;
  assert.deepEqual(fixture.hub.ranges(FILE), [], "it was there by then");
  assert.ok(!fixture.tree().includes(PART));
});
