import assert from "node:assert/strict";
import { join } from "node:path";
import { HubFixture } from "../plugins/hub/hub_fixture.ts";
import { COMMIT, REPO } from "../plugins/hub/hub_server.ts";
import { sha256, someBytes } from "../plugins/hub/served_bytes.ts";
import { rookery } from "./recorded_output.ts";

const WEIGHTS = someBytes(300_000);
const FILES = {
  "README.md": "# Tiny\n",
  "config.json": "{}",
  "model.gguf": someBytes(4000, 2),
  "model.safetensors": WEIGHTS,
};

function wordsOf({ cacheDir, hub }: HubFixture): string[] {
  for (const name of ["HF_TOKEN", "HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE"]) {
    Deno.env.delete(name); // what the user set is not what is tested
  }
  return ["--cache", cacheDir, "--endpoint", hub.endpoint];
}

Deno.test("pull writes what it brought, and the folder last", async () => {
  await using fixture = new HubFixture(FILES);
  const words = wordsOf(fixture);
  const { code, out, notes } = await rookery("pull", REPO, ...words);
  assert.equal(code, 0, notes);
  const folder = join(fixture.folder, "snapshots", COMMIT);
  assert.deepEqual(out.split("\n"), [
    `${REPO} at main (${COMMIT})`,
    "  config.json              2 B  downloaded",
    "  model.safetensors  293.0 KiB  downloaded",
    "2 files, 293.0 KiB, 293.0 KiB of them downloaded",
    folder,
    "",
  ]);
  assert.match(notes, /^download owner\/tiny-model .* of 0\.3 MB\n/);
  const again = await rookery("pull", `${REPO}@${COMMIT}`, ...words);
  assert.match(again.out, new RegExp(`^${REPO} at ${COMMIT}\n`));
  assert.match(again.out, /present\n2 files, 293\.0 KiB, 0 B of them/);
  assert.equal(again.notes, "");
});

Deno.test("pull --json writes one object", async () => {
  await using fixture = new HubFixture(FILES);
  const words = [...wordsOf(fixture), "--json"];
  const brought = await rookery("pull", REPO, ...words);
  const report = JSON.parse(brought.out);
  assert.deepEqual(report, {
    model: REPO,
    revision: "main",
    commit: COMMIT,
    folder: join(fixture.folder, "snapshots", COMMIT),
    files: [
      { path: "config.json", bytes: 2, sha256: null, state: "downloaded" },
      {
        path: "model.safetensors",
        bytes: WEIGHTS.length,
        sha256: sha256(WEIGHTS),
        state: "downloaded",
      },
    ],
    bytes: WEIGHTS.length + 2,
    downloadedBytes: WEIGHTS.length + 2,
  });
  fixture.hub.asked.length = 0;
  const offline = await rookery("pull", REPO, ...words, "--offline");
  const { folder, downloadedBytes } = JSON.parse(offline.out);
  assert.deepEqual([folder, downloadedBytes], [report.folder, 0]);
  assert.deepEqual(fixture.hub.asked, []);
});

Deno.test("pull --include brings what fits, and says what was left", async () => {
  const { "model.safetensors": _, ...files } = FILES;
  await using fixture = new HubFixture(files);
  const words = wordsOf(fixture);
  const usual = await rookery("pull", REPO, ...words);
  assert.match(usual.notes, /No weights of .*--include '\*\.gguf'/);
  const globs = ["--include", "*.gguf", "--include", "README.md"];
  const { out, notes } = await rookery("pull", REPO, ...words, ...globs);
  assert.match(out, /README\.md .*\n {2}model\.gguf .*\n2 files/);
  assert.doesNotMatch(notes, /No weights/);
});

Deno.test("pull fails with a message and without a stack", async () => {
  await using fixture = new HubFixture(FILES);
  const words = wordsOf(fixture);
  const unknown = await rookery("pull", "owner/tiny", ...words);
  assert.equal(unknown.code, 1);
  assert.match(unknown.notes, /^Cannot pull owner\/tiny as .*\n$/);
  const wrong = await rookery("pull", "https://hub/owner/tiny", ...words);
  assert.equal(wrong.code, 2);
  assert.match(wrong.notes, /must be OWNER\/NAME/);
});
