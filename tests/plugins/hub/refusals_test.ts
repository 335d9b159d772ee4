import assert from "node:assert/strict";
import { pullModel } from "../../../plugins/hub/mod.ts";
import { HubFixture } from "./hub_fixture.ts";
import { REPO, TOKEN } from "./hub_server.ts";
import { someBytes } from "./served_bytes.ts";

const FILES = { "config.json": "{}", "model.safetensors": someBytes(5000) };

Deno.test("pullModel() says how to get at a gated model", async (test) => {
  await using fixture = new HubFixture(FILES);
  fixture.hub.access = "gated";
  for (const token of ["", "hf_wrong"]) {
    await test.step(token || "without a token", async () => {
      const { message, code } = await fixture.failure({ token });
      assert.equal(code, "file");
      const { endpoint } = fixture.hub;
      assert.ok(message.includes(`sign in at ${endpoint}/${REPO} and accept`));
      assert.ok(message.includes(`${endpoint}/settings/tokens`));
      assert.equal(
        message.includes("the present one was refused"),
        token !== "",
      );
      assert.ok(!message.includes("hf_wrong"), "tokens are secret");
    });
  }
  assert.equal((await fixture.pull({ token: TOKEN })).files.length, 2);
  assert.deepEqual(
    fixture.hub.asked.filter(({ path }) => path === "/api/models"),
    [],
  );
});

Deno.test("pullModel() names a near model where there is none", async (test) => {
  await using fixture = new HubFixture(FILES);
  const failure = async (token: string) =>
    await pullModel({ hub: "owner/tiny-modle" }, { ...fixture.options, token })
      .then(() => assert.fail("pulled"), (error: Error) => error.message);
  await test.step("to a user", async () => {
    assert.match(
      await failure(TOKEN),
      /Cannot pull owner\/tiny-modle as there is no such model \(did you mean "owner\/tiny-model"\?\)/,
    );
  });
  await test.step("to a stranger, who may only lack a token", async () => {
    const message = await failure("");
    assert.match(
      message,
      /no such model \(did you mean .*\(401: it does not exist, is private/,
    );
    assert.match(message, /set HF_TOKEN/);
  });
});

Deno.test("pullModel() refuses a private model to strangers", async () => {
  await using fixture = new HubFixture(FILES);
  fixture.hub.access = "private";
  assert.match((await fixture.failure()).message, /401: .*private.*HF_TOKEN/);
});

Deno.test("pullModel() names a near revision where there is none", async () => {
  await using fixture = new HubFixture(FILES);
  fixture.hub.refs.set("v1.0", "a".repeat(40));
  const { message } = await fixture.failure({}, "v1.1");
  assert.match(
    message,
    /it has no revision "v1\.1" \(did you mean "v1\.0"\?\).*it has main, v1\.0/,
  );
  const gone = await fixture.failure({}, "c".repeat(40));
  assert.match(gone.message, /it has no revision "c{40}"/);
});

Deno.test("pullModel() says what a refused file is", async () => {
  await using fixture = new HubFixture(FILES);
  fixture.hub.faults.set("model.safetensors", { status: 403 });
  assert.match((await fixture.failure()).message, /accept its terms/);
  fixture.hub.faults.set("model.safetensors", { status: 418 });
  assert.match((await fixture.failure()).message, /status 418/);
  fixture.hub.faults.clear();
  const { files } = await fixture.pull();
  assert.equal(files.length, 2);
});

Deno.test("pullModel() refuses an answer that is no hub's", async () => {
  const server = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen() {} },
    () => Response.json({ sha: "latest" }),
  );
  await using fixture = new HubFixture(FILES);
  const endpoint = `http://127.0.0.1:${server.addr.port}`;
  const { message, code } = await fixture.failure({ endpoint });
  assert.equal(code, "file");
  assert.match(message, /answers with commit "latest".*names a hub/);
  await server.shutdown();
  const wrong = await fixture.failure({ endpoint: "ftp://hub" });
  assert.equal(wrong.code, "usage");
});
