/**
 * An older commit's files, in a folder of the cache.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";

/** Where the files of `commit` are, and its short name. */
export async function checkoutCommit(
  commit: string,
  root: string,
  cache: string,
): Promise<{ folder: string; name: string }> {
  const name = await git(root, [
    "rev-parse",
    "--short=10",
    `${commit}^{commit}`,
  ])
    .catch((cause) => {
      throw new RookeryError(
        "config",
        `Cannot compare with ${commit}: git knows no such commit here; ` +
          "git log lists them",
        { cause },
      );
    });
  const folder = `${cache}/commits/${name}`;
  const isThere = await Deno.stat(`${folder}/mod.ts`)
    .then(() => true, () => false);
  if (!isThere) {
    await Deno.mkdir(folder, { recursive: true });
    const archive = `${folder}/files.tar`;
    await git(root, ["archive", "--output", archive, name]);
    await run("tar", ["-xf", archive, "-C", folder], root);
    await Deno.remove(archive);
  }
  return { folder, name };
}

function git(root: string, args: readonly string[]): Promise<string> {
  return run("git", args, root);
}

async function run(
  command: string,
  args: readonly string[],
  cwd: string,
): Promise<string> {
  const { success, stdout, stderr } = await new Deno.Command(command, {
    args: [...args],
    cwd,
  }).output();
  if (success) return new TextDecoder().decode(stdout).trim();
  throw new Error(new TextDecoder().decode(stderr).trim());
}
