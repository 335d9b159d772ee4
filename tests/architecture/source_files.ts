/**
 * The project's files as the architecture test sees them: their text, and what
 * they import. Types are imports too.
 *
 * @module
 */

import { posix } from "node:path";

/** One import, as it is written. */
export interface Import {
  /** What stands between the quotes. */
  readonly specifier: string;
  /** Path of the file it means, relative to the root; else the specifier. */
  readonly target: string;
}

/** A TypeScript file of the project. */
export interface SourceFile {
  /** Path relative to the root, with `/`. */
  readonly path: string;
  /** Its text. */
  readonly text: string;
  /** What it imports and re-exports. */
  readonly imports: readonly Import[];
}

const ROOT = new URL("../../", import.meta.url);
const IMPORT_FORMS = [
  /^(?:import|export)\b[^;'"`]*?\bfrom\s*"([^"]+)"/gm,
  /^import\s*"([^"]+)"/gm,
  /\bimport\(\s*"([^"]+)"/g,
];

/** URL of a path relative to the root. */
export function rootUrl(path: string): URL {
  return new URL(path, ROOT);
}

/** Files that git tracks or would track, relative to the root, sorted. */
export async function projectFiles(): Promise<string[]> {
  const { stdout, success, stderr } = await new Deno.Command("git", {
    args: ["ls-files", "-z", "--cached", "--others", "--exclude-standard"],
    cwd: ROOT,
  }).output();
  if (!success) throw new Error(new TextDecoder().decode(stderr));
  const names = new TextDecoder().decode(stdout).split("\0").filter(Boolean);
  return [...new Set(names)].filter(isFile).sort();
}

/** All TypeScript files with their imports. */
export async function sourceFiles(): Promise<SourceFile[]> {
  const paths = (await projectFiles()).filter((path) => path.endsWith(".ts"));
  return await Promise.all(paths.map(readSource));
}

/** Reads a file and takes its imports out. */
export function parseSource(path: string, text: string): SourceFile {
  const imports = IMPORT_FORMS.flatMap((form) =>
    [...text.matchAll(form)].map(([, specifier = ""]) => ({
      specifier,
      target: specifier.startsWith(".")
        ? posix.join(posix.dirname(path), specifier)
        : specifier,
    }))
  );
  return { path, text, imports };
}

async function readSource(path: string): Promise<SourceFile> {
  return parseSource(path, await Deno.readTextFile(rootUrl(path)));
}

function isFile(path: string): boolean {
  try {
    return Deno.lstatSync(rootUrl(path)).isFile;
  } catch {
    return false; // deleted, and not yet committed
  }
}
