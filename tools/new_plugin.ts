/**
 * Writes the skeleton of a plugin: a package of its own whose test passes.
 *
 *     deno task new-plugin NAME [--slot SLOT] [--dir DIR]
 *
 * Skeletons are real plugins in `tools/skeletons/`, by slot; their name is
 * replaced.
 *
 * @module
 */

import { join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { parseArgs } from "node:util";
import { builtinPlugins, didYouMean } from "../mod.ts";
import { runDeno } from "./run_deno.ts";

/** Slots that have a skeleton, and what their part is called. */
const KINDS = {
  vision: "encoder",
  resampler: "resampler",
  language: "decoder",
  tokenizer: "tokenizer",
} as const;

/** A slot that has a skeleton. */
export type SkeletonSlot = keyof typeof KINDS;

/** What is written where. */
export interface NewPlugin {
  /** Name of the plugin: small letters, digits and `_`. */
  readonly name: string;
  /** Folder that is made for it. */
  readonly dir: string;
  /** What its part fills. */
  readonly slot: SkeletonSlot;
}

const ROOT = fileURLToPath(new URL("..", import.meta.url));
const USAGE = "deno task new-plugin NAME [--slot SLOT] [--dir DIR]";

/**
 * Writes a plugin and its test weights; gives the names of the files.
 *
 * @throws {Error} for a name or slot that cannot be, or a folder with files
 */
export async function newPlugin(
  { name, dir, slot }: NewPlugin,
): Promise<string[]> {
  checkName(name);
  await checkFolder(dir);
  const names = { snake: name, camel: camelOf(name) };
  await Deno.mkdir(dir, { recursive: true });
  const written: string[] = [];
  const write = async (file: string, text: string) => {
    await Deno.writeTextFile(join(dir, file), text, { createNew: true });
    written.push(file);
  };
  await write("deno.json", configText(dir, slot));
  await write("README.md", readmeText(name, slot));
  const skeleton = join(ROOT, "tools", "skeletons", slot);
  for await (const { name: file } of Deno.readDir(skeleton)) {
    const text = await Deno.readTextFile(join(skeleton, file));
    await write(renamed(file, names), renamed(text, names));
  }
  await mustRun(["fmt", "--quiet", "."], dir);
  if (written.includes("make_weights.ts")) {
    await mustRun(["run", "-A", "--quiet", "make_weights.ts"], dir);
    written.push("weights.safetensors");
  }
  return written.sort();
}

function checkName(name: string): void {
  const fault = !/^[a-z][a-z0-9_]*$/.test(name)
    ? "it must begin with a small letter and have small letters, digits and " +
      "_ only, e.g. my_encoder"
    : name.length > 40
    ? `it has ${name.length} letters: 40 are the most`
    : builtinPlugins().some((plugin) => plugin.name === name)
    ? "the library has a plugin of this name: choose another"
    : name.startsWith("sketch_name")
    ? "it stands for names in the skeletons: choose another"
    : undefined;
  if (fault !== undefined) {
    throw new Error(`Cannot name a plugin "${name}" as ${fault}`);
  }
}

async function checkFolder(dir: string): Promise<void> {
  const info = await Deno.stat(dir).catch(() => undefined);
  if (info === undefined) return;
  const isEmpty = info.isDirectory &&
    (await Array.fromAsync(Deno.readDir(dir))).length === 0;
  if (isEmpty) return;
  throw new Error(
    `Cannot write a plugin to ${dir} as there is something already: nothing ` +
      "is overwritten, so name another folder with --dir",
  );
}

function camelOf(name: string): string {
  return name.replaceAll(/_+([a-z0-9])/g, (_, letter) => letter.toUpperCase())
    .replaceAll("_", "");
}

/** The skeleton's name in its three spellings, replaced. */
function renamed(
  text: string,
  { snake, camel }: { readonly snake: string; readonly camel: string },
): string {
  const pascal = camel[0]!.toUpperCase() + camel.slice(1);
  return text.replaceAll("sketch_name", snake).replaceAll("sketchName", camel)
    .replaceAll("SketchName", pascal);
}

function configText(dir: string, slot: SkeletonSlot): string {
  const library = relative(resolve(dir), join(ROOT, "mod.ts"));
  const config = {
    lock: false,
    imports: {
      "@rookery/rookery": library.startsWith(".") ? library : `./${library}`,
    },
    compilerOptions: {
      exactOptionalPropertyTypes: true,
      noUncheckedIndexedAccess: true,
    },
    tasks: {
      test: "deno test -A",
      ...(slot === "tokenizer"
        ? {}
        : { weights: "deno run -A make_weights.ts" }),
    },
  };
  return `${JSON.stringify(config, null, 2)}\n`;
}

function readmeText(name: string, slot: SkeletonSlot): string {
  const part = `${name}/${KINDS[slot]}`;
  const weights = slot === "tokenizer" ? "" : "    deno task weights  # " +
    "writes weights.safetensors anew\n";
  const section = slot === "tokenizer"
    ? `{ "part": "${part}" }`
    : `{ "part": "${part}", "weights": "weights.safetensors" }`;
  return `# ${name}

A plugin for Rookery. It brings \`${part}\` for the slot \`${slot}\`; the part
is in \`${name}.ts\`, the plugin in \`mod.ts\`.

    deno task test     # runs the contract of plugins on it
${weights}
In a config:

    "${slot}": ${section}

Commands take the plugin by \`--plugin ${name}/mod.ts\`, programs by
\`assemble(config, { device, plugins: [...builtinPlugins(), plugin] })\`.
`;
}

async function mustRun(args: readonly string[], cwd: string): Promise<void> {
  const { code, stderr } = await runDeno(args, { cwd });
  if (code !== 0) {
    throw new Error(`deno ${args.join(" ")} in ${cwd}: ${stderr}`);
  }
}

function readArguments(args: readonly string[]): NewPlugin {
  const { values, positionals } = parseArgs({
    args: [...args],
    options: { slot: { type: "string" }, dir: { type: "string" } },
    allowPositionals: true,
  });
  const [name, ...rest] = positionals;
  if (name === undefined || rest.length > 0) {
    throw new Error(`Cannot tell the plugin's one name: write ${USAGE}`);
  }
  const { slot = "vision", dir = join("examples", name) } = values;
  if (Object.hasOwn(KINDS, slot)) {
    return { name, dir, slot: slot as SkeletonSlot };
  }
  const slots = Object.keys(KINDS);
  throw new Error(
    `Cannot write a skeleton for the slot "${slot}"` +
      `${didYouMean(slot, slots)}: there are ones for ${slots.join(", ")}`,
  );
}

if (import.meta.main) {
  try {
    const plugin = readArguments(Deno.args);
    const files = await newPlugin(plugin);
    for (const file of files) console.log(join(plugin.dir, file));
    console.log(`\nTry it: cd ${plugin.dir} && deno task test`);
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(2);
  }
}
