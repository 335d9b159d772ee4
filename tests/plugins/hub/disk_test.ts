import assert from "node:assert/strict";
import { join } from "node:path";
import { HubFixture, pullInChild } from "./hub_fixture.ts";
import { sha256, someBytes } from "./served_bytes.ts";

const MIB = 1 << 20;
const WEIGHTS = someBytes(MIB);
const FILES = { "config.json": "{}", "model.safetensors": WEIGHTS };
const PART = `blobs/${sha256(WEIGHTS)}.incomplete`;

/**
 * A shell of its own view of the file system, where it may mount: only there
 * and only as long as it runs. Not every system lets users have one.
 */
const PRIVATE_SHELL = [
  "unshare",
  "--user",
  "--map-root-user",
  "--mount",
  "sh",
] as const;

Deno.test("pullModel() says that the disk took no more, and goes on later", async () => {
  await using fixture = new HubFixture(FILES);
  // A limit on a file's length is a full disk that no test can harm.
  const { error, code } = await pullInChild(
    { options: fixture.options },
    { setup: "trap '' XFSZ; ulimit -f 512" },
  );
  assert.equal(code, "file", error);
  assert.match(
    error ?? "",
    /took no more bytes \(.*\): .* are still to come and .* are free; make room/,
  );
  assert.deepEqual(fixture.tree("snapshots"), []);
  const part = Deno.statSync(join(fixture.folder, PART)).size;
  assert.ok(part > 0 && part <= 512 * 1024, String(part));
  const { folder } = await fixture.pull();
  assert.deepEqual(
    Deno.readFileSync(join(folder, "model.safetensors")),
    WEIGHTS,
  );
  assert.equal(
    fixture.hub.ranges("model.safetensors").at(-1),
    `bytes=${part}-`,
  );
});

Deno.test("pullModel() asks for room before it begins", async () => {
  const huge = new HubFixture(FILES);
  await using fixture = huge;
  fixture.hub.claimedBytes.set("model.safetensors", 2 ** 50);
  const { message, code } = await fixture.failure();
  assert.equal(code, "file");
  assert.match(
    message,
    /as 1024\.0 TiB are to come and only .* are free where/,
  );
  assert.deepEqual(fixture.tree(), [], "nothing was begun");
});

Deno.test("pullModel() says that a cache cannot be written", async () => {
  await using fixture = new HubFixture(FILES);
  const file = join(fixture.cacheDir, "file");
  Deno.writeTextFileSync(file, "");
  const hubCacheDir = join(file, "hub");
  const { message, code } = await fixture.failure({ hubCacheDir });
  assert.equal(code, "file");
  assert.ok(message.includes(`${hubCacheDir} cannot be written`), message);
  assert.ok(message.includes("HF_HUB_CACHE"));
});

Deno.test({
  name: "pullModel() keeps nothing that a full device only seemed to take",
  ignore: Deno.build.os !== "linux", // no other system has such a device
  async fn() {
    await using fixture = new HubFixture(FILES);
    Deno.mkdirSync(join(fixture.folder, "blobs"), { recursive: true });
    Deno.symlinkSync("/dev/full", join(fixture.folder, PART));
    const { message, code } = await fixture.failure();
    assert.equal(code, "file");
    assert.match(message, /took no more bytes \(No space left on device/);
    assert.deepEqual(fixture.tree("snapshots"), []);
  },
});

Deno.test({
  name: "pullModel() on a small disk of its own",
  // The tests above need no mount and always run.
  ignore: !await canMount(),
  async fn(test) {
    await using fixture = new HubFixture(FILES);
    const { options, cacheDir } = fixture;
    const mount = (flags: string) =>
      `mount -t tmpfs -o size=2m,${flags} tmpfs '${cacheDir}'`;
    const shell = PRIVATE_SHELL;
    await test.step("that has room", async () => {
      const setup = mount("rw");
      const { pulled, error } = await pullInChild({ options }, {
        setup,
        shell,
      });
      assert.equal(pulled?.downloadedBytes, MIB + 2, error);
    });
    await test.step("that fills up meanwhile", async () => {
      const setup = mount("rw");
      const order = { options, fill: cacheDir };
      const { error } = await pullInChild(order, { setup, shell });
      assert.match(error ?? "", /No space left on device.* 0 B are free/);
    });
    await test.step("that is too small", async () => {
      const setup = `${
        mount("rw")
      }\nhead -c 1500000 /dev/zero >'${cacheDir}/x'`;
      const { error } = await pullInChild({ options }, { setup, shell });
      assert.match(
        error ?? "",
        /as 1\.0 MiB are to come and only 5\d\d\.\d KiB/,
      );
    });
    await test.step("that is read-only", async () => {
      const setup = mount("ro");
      const { error } = await pullInChild({ options }, { setup, shell });
      assert.match(error ?? "", /cannot be written \(Read-only file system/);
    });
    assert.deepEqual(fixture.tree(), [], "all of it was in their own view");
  },
});

async function canMount(): Promise<boolean> {
  const [program, ...args] = PRIVATE_SHELL;
  try {
    const { success } = await new Deno.Command(program, {
      args: [...args, "-c", "mount -t tmpfs tmpfs /tmp"],
      stdout: "null",
      stderr: "null",
    }).output();
    return success;
  } catch {
    return false;
  }
}
