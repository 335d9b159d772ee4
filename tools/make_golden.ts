/**
 * `deno task golden [TEXT]`: makes the golden data anew, by every script
 * `make_*.py` below `tests/golden` whose path has TEXT. Needs Python and the
 * packages that each script names; the tests themselves need neither.
 *
 * @module
 */

import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";

async function findScripts(folder: string): Promise<string[]> {
  const scripts: string[] = [];
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    const path = join(folder, name);
    if (isDirectory) scripts.push(...await findScripts(path));
    else if (/^make_\w+\.py$/.test(name)) scripts.push(path);
  }
  return scripts.sort();
}

const root = fileURLToPath(new URL("..", import.meta.url));
const [text = ""] = Deno.args;
const scripts = (await findScripts(join(root, "tests", "golden")))
  .filter((path) => path.slice(root.length).includes(text));
if (scripts.length === 0) {
  console.error(`No script below tests/golden has "${text}" in its path`);
  Deno.exit(2);
}
for (const path of scripts) {
  console.log(path.slice(root.length));
  const { success } = await new Deno.Command("python3", {
    args: [path],
    cwd: dirname(path),
    stdin: "null",
  }).spawn().status;
  if (!success) Deno.exit(1);
}
