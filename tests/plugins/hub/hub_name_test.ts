import assert from "node:assert/strict";
import {
  isInnerPath,
  isRepoName,
  isRevision,
  parseHubName,
  pullCommand,
} from "../../../plugins/hub/hub_name.ts";

Deno.test("parseHubName() takes names apart", () => {
  assert.deepEqual(parseHubName("gpt2"), { hub: "gpt2" });
  assert.deepEqual(parseHubName("a-b/c_d.e-1"), { hub: "a-b/c_d.e-1" });
  assert.deepEqual(parseHubName("a/b@refs/pr/1"), {
    hub: "a/b",
    revision: "refs/pr/1",
  });
  for (const text of ["", "@main", "a/b@", "a/b@..", "a b", "a/b/c", "/a"]) {
    assert.throws(() => parseHubName(text), { code: "usage" }, text);
  }
});

Deno.test("names that lead elsewhere are no names", () => {
  for (
    const name of ["../a", "a/..", "a--b", ".a", "a.", "a.git", "a\\b", "a/"]
  ) {
    assert.equal(isRepoName(name), false, name);
  }
  assert.equal(isRepoName("a".repeat(97)), false);
  for (const revision of ["main", "v1.0", "feature/x", "a#1", "0".repeat(40)]) {
    assert.equal(isRevision(revision), true, revision);
  }
  for (
    const revision of ["", "/x", "x/", "a//b", "a/../b", ".x", "a\\b", "a\0"]
  ) {
    assert.equal(isRevision(revision), false, revision);
  }
  for (const path of ["a", "a/b.c", ".a", "a..b", "ä/ö"]) {
    assert.equal(isInnerPath(path), true, path);
  }
  for (
    const path of ["", "/a", "a/", "a/../b", "./a", "a\\..\\b", "C:/a", "a\n"]
  ) {
    assert.equal(isInnerPath(path), false, path);
  }
});

Deno.test("pullCommand() can be copied into a shell", () => {
  const command = "deno task rookery pull a/b";
  assert.equal(pullCommand({ hub: "a/b", revision: "main" }), command);
  assert.equal(
    pullCommand({ hub: "a/b", revision: "v1", file: "x y.pt" }),
    `${command}@v1 --include 'x y.pt'`,
  );
});
