/**
 * Brings a peer's packages into the cache, once, and says how to start it.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { Peer } from "./peers.ts";
import type { RunnerCommand } from "./runner.ts";

const ONNX = "onnx==1.23.1";

/** Installs what is missing. Scripts of packages are not run. */
export async function installPeer(
  peer: Peer,
  cache: string,
  model: string,
): Promise<RunnerCommand> {
  const folder = `${cache}/peers/${
    peer.packages.join("+").replaceAll("/", "_")
  }`;
  const done = `${folder}/installed`;
  if (!await isFile(done)) {
    await Deno.mkdir(folder, { recursive: true });
    await Deno.writeTextFile(`${folder}/package.json`, '{"private": true}\n');
    await Deno.writeTextFile(
      `${folder}/deno.json`,
      '{"nodeModulesDir": "manual"}\n',
    );
    await npmInstall(peer, folder);
    await Deno.writeTextFile(done, "");
  }
  const child = new URL(`children/${peer.child}`, import.meta.url).pathname;
  return {
    name: peer.name,
    command: Deno.execPath(),
    args: [
      "run",
      "-A",
      "--quiet",
      "--no-check",
      "--no-lock",
      "--config",
      `${folder}/deno.json`,
      child,
      folder,
      ...peer.args ?? [],
      peer.needs === "onnx" ? await installOnnx(cache) : model,
    ],
    cwd: folder,
    env: { DENO_NO_UPDATE_CHECK: "1", ...peer.env },
  };
}

/** An interpreter with the package `onnx`, in an environment of its own. */
async function installOnnx(cache: string): Promise<string> {
  const folder = `${cache}/peers/${ONNX}`;
  const python = `${folder}/bin/python`;
  if (await isFile(`${folder}/installed`)) return python;
  for (
    const [command, ...args] of [
      ["python3", "-m", "venv", folder],
      [python, "-m", "pip", "install", "--quiet", ONNX],
    ]
  ) {
    const { success, stderr } = await new Deno.Command(command!, { args })
      .output();
    if (success) continue;
    const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
    throw new RookeryError(
      "config",
      `Cannot install ${ONNX}: ${command} says "${said}"; it needs python3 ` +
        "with venv and pip, or leave ONNX Runtime out with --peers",
    );
  }
  await Deno.writeTextFile(`${folder}/installed`, "");
  return python;
}

async function npmInstall(peer: Peer, folder: string): Promise<void> {
  const { success, stderr } = await new Deno.Command("npm", {
    args: [
      "install",
      "--ignore-scripts",
      "--no-package-lock",
      "--no-audit",
      "--no-fund",
      "--save-exact",
      ...peer.packages,
    ],
    cwd: folder,
    stdout: "null",
    stderr: "piped",
  }).output();
  if (success) return;
  const said = new TextDecoder().decode(stderr).trim().split("\n").at(-1);
  throw new RookeryError(
    "config",
    `Cannot install ${peer.packages.join(", ")}: npm says "${said}"; ` +
      "check the network, or leave the peer out with --peers",
  );
}

async function isFile(path: string): Promise<boolean> {
  return await Deno.stat(path).then(() => true, () => false);
}
