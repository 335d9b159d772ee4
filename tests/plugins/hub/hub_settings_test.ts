import assert from "node:assert/strict";
import { join } from "node:path";
import { getHFHubCachePath } from "@huggingface/hub";
import { hubSettings } from "../../../plugins/hub/hub_settings.ts";

const VARIABLES = [
  "HF_HUB_CACHE",
  "HUGGINGFACE_HUB_CACHE",
  "HF_HOME",
  "XDG_CACHE_HOME",
  "HF_TOKEN",
  "HUGGING_FACE_HUB_TOKEN",
  "HF_TOKEN_PATH",
  "HF_ENDPOINT",
  "HF_HUB_OFFLINE",
  "TRANSFORMERS_OFFLINE",
] as const;
type Variables = Partial<Record<(typeof VARIABLES)[number], string>>;

/** Settings where these variables are set and no others of the hub. */
async function settingsWith(variables: Variables, options = {}) {
  const earlier = VARIABLES.map((name) => [name, Deno.env.get(name)] as const);
  for (const name of VARIABLES) Deno.env.delete(name);
  try {
    for (const [name, value] of Object.entries(variables)) {
      Deno.env.set(name, value);
    }
    const theirs = getHFHubCachePath();
    return { ...await hubSettings(options), theirs };
  } finally {
    for (const [name, value] of earlier) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

Deno.test("hubSettings() finds the cache where the hub's library does", async () => {
  const cases: Variables[] = [
    {},
    { XDG_CACHE_HOME: "/x" },
    { HF_HOME: "/h", XDG_CACHE_HOME: "/x" },
    { HUGGINGFACE_HUB_CACHE: "/old", HF_HOME: "/h" },
    { HF_HUB_CACHE: "/c", HUGGINGFACE_HUB_CACHE: "/old" },
  ];
  for (const variables of cases) {
    const { cacheDir, theirs } = await settingsWith(variables);
    assert.equal(cacheDir, theirs, JSON.stringify(variables));
  }
  const own = await settingsWith({ HF_HUB_CACHE: "/c" }, { hubCacheDir: "/o" });
  assert.equal(own.cacheDir, "/o");
  const empty = await settingsWith({ HF_HUB_CACHE: "", HF_HOME: "/h" });
  assert.equal(empty.cacheDir, "/h/hub", "empty counts as unset");
});

Deno.test("hubSettings() finds the token", async () => {
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(join(folder, "token"), "hf_file\n");
    const token = async (variables: Variables, options = {}) =>
      (await settingsWith({ HF_HOME: folder, ...variables }, options)).token;
    assert.equal(await token({}), "hf_file");
    assert.equal(await token({ HUGGING_FACE_HUB_TOKEN: "hf_old" }), "hf_old");
    const both = { HF_TOKEN: " hf_new\n", HUGGING_FACE_HUB_TOKEN: "hf_old" };
    assert.equal(await token(both), "hf_new");
    assert.equal(await token(both, { token: "hf_own" }), "hf_own");
    assert.equal(await token(both, { token: "" }), undefined);
    assert.equal(
      await token({ HF_TOKEN_PATH: join(folder, "none") }),
      undefined,
    );
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});

Deno.test("hubSettings() finds the address and the mode", async () => {
  const usual = await settingsWith({});
  assert.equal(usual.endpoint, "https://huggingface.co");
  assert.equal(usual.isOffline, false);
  const mirror = { HF_ENDPOINT: "https://mirror.example/hub/" };
  assert.equal(
    (await settingsWith(mirror)).endpoint,
    "https://mirror.example/hub",
  );
  await assert.rejects(settingsWith({ HF_ENDPOINT: "mirror" }), {
    code: "usage",
  });
  for (
    const [value, isOffline] of [["1", true], ["Yes", true], [
      "0",
      false,
    ]] as const
  ) {
    assert.equal(
      (await settingsWith({ HF_HUB_OFFLINE: value })).isOffline,
      isOffline,
    );
  }
  assert.equal(
    (await settingsWith({ TRANSFORMERS_OFFLINE: "1" })).isOffline,
    true,
  );
});
