import assert from "node:assert/strict";
import { fileURLToPath } from "node:url";
import { runDeno } from "../../tools/run_deno.ts";

const ROOT = fileURLToPath(new URL("../..", import.meta.url));

Deno.test("fuzz feeds the readers it is told and counts what comes of it", async () => {
  const { code, stdout } = await runDeno(
    ["run", "-A", "--no-check", "tools/fuzz.ts", "--runs", "20", "--seed", "3"]
      .concat("--only", "torch zip"),
    { cwd: ROOT },
  );
  assert.equal(code, 0, stdout);
  const [line, last] = stdout.trim().split("\n");
  const [, refused, read] = /^torch zip: 20 files .* (\d+) refused, (\d+) read/
    .exec(line!)!;
  assert.equal(Number(refused) + Number(read), 20);
  assert.equal(last, "seed 3, 0 readers with findings");
});
