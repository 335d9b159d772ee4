import assert from "node:assert/strict";
import { cacheFolder } from "../../../plugins/weights_cache/cache_folder.ts";

/** Asks in a process of its own: the environment is shared by all tests. */
async function folderWith(env: Record<string, string>): Promise<string> {
  const script = `import { cacheFolder } from "${
    import.meta.resolve("../../../plugins/weights_cache/cache_folder.ts")
  }"; try { console.log(cacheFolder()) } catch (e) { console.log(e.message) }`;
  const { stdout } = await new Deno.Command(Deno.execPath(), {
    args: ["eval", "--no-check", script],
    env: {
      DENO_DIR: Deno.env.get("DENO_DIR") ?? "",
      ROOKERY_CACHE: "",
      XDG_CACHE_HOME: "",
      ...env,
    },
  }).output();
  return new TextDecoder().decode(stdout).trim();
}

Deno.test("cacheFolder() prefers the project's own variable", async () => {
  const shared = { XDG_CACHE_HOME: "/shared", HOME: "/somewhere" };
  assert.equal(await folderWith({ ...shared, ROOKERY_CACHE: "/own" }), "/own");
  assert.equal(await folderWith(shared), "/shared/rookery");
  assert.equal(
    await folderWith({ HOME: "/somewhere" }),
    "/somewhere/.cache/rookery",
  );
});

Deno.test("cacheFolder() says what to set where nothing is", async () => {
  const said = await folderWith({ HOME: "", USERPROFILE: "" });
  assert.match(said, /set ROOKERY_CACHE/);
  assert.equal(typeof cacheFolder(), "string");
});
