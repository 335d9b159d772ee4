/**
 * Packs the library, installs the tarball in an empty folder as a user would,
 * and assembles the preset from there: its configs and bridge must be inside.
 *
 *     deno run -A tools/pack_check.ts
 *
 * @module
 */

import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { type Finished, runDeno } from "./run_deno.ts";

/** What the tarball must hold, whatever else it holds. */
const NEEDED = [
  /^package\/presets\/[^/]+\.json$/,
  /^package\/presets\/bridge\.safetensors$/,
  /^package\/LICENSE/,
  /^package\/README\.md$/,
];
/** What no user needs. */
const UNWANTED = /^package\/(tests|training|tools|bench|evaluation|\.ci)\//;

/** What was packed and tried. */
export interface PackReport {
  /** Names in the tarball. */
  readonly names: readonly string[];
  /** Bytes of the tarball. */
  readonly bytes: number;
  /** What the installed package said when it was used. */
  readonly said: string;
}

/** Runs `program` against the packed and installed library. */
export async function checkPack(program: string): Promise<PackReport> {
  const root = fileURLToPath(new URL("..", import.meta.url));
  const folder = await Deno.makeTempDir({ prefix: "rookery-pack-" });
  try {
    const tarball = join(folder, "rookery.tgz");
    // Dirty is fine: what is packed is what is here, committed or not.
    const pack = ["pack", "--allow-dirty", "-o", tarball];
    mustWork("deno pack", await runDeno(pack, { cwd: root }));
    const names = await namesIn(tarball);
    checkNames(names);
    const said = await useInstalled(tarball, join(folder, "user"), program);
    const { size } = await Deno.stat(tarball);
    return { names, bytes: size, said };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function useInstalled(
  tarball: string,
  user: string,
  program: string,
): Promise<string> {
  await Deno.mkdir(user);
  await Deno.writeTextFile(
    join(user, "package.json"),
    JSON.stringify({ name: "user", private: true, type: "module" }),
  );
  const quiet = ["--no-audit", "--no-fund", "--ignore-scripts"];
  const install = new Deno.Command("npm", {
    args: ["install", ...quiet, tarball],
    cwd: user,
    stdin: "null",
  });
  const { code, stdout, stderr } = await install.output();
  const text = new TextDecoder();
  mustWork("npm install", {
    code,
    stdout: text.decode(stdout),
    stderr: text.decode(stderr),
  });
  await Deno.writeTextFile(join(user, "main.ts"), program);
  const ran = await runDeno(["run", "--check", "-A", "main.ts"], { cwd: user });
  mustWork("the program", ran);
  return ran.stdout.trim();
}

async function namesIn(tarball: string): Promise<string[]> {
  const { stdout } = await new Deno.Command("tar", { args: ["-tzf", tarball] })
    .output();
  return new TextDecoder().decode(stdout).split("\n").filter(Boolean);
}

function checkNames(names: readonly string[]): void {
  for (const form of NEEDED) {
    if (names.some((name) => form.test(name))) continue;
    throw new Error(`The tarball lacks ${form}: see "publish" in deno.json`);
  }
  const extra = names.filter((name) => UNWANTED.test(name));
  if (extra.length === 0) return;
  throw new Error(`The tarball holds ${extra[0]}, which no user needs`);
}

function mustWork(what: string, { code, stdout, stderr }: Finished): void {
  if (code === 0) return;
  throw new Error(`${what} ended with exit code ${code}:\n${stdout}${stderr}`);
}
