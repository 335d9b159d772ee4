/**
 * The rules of the project's structure. Each takes files and gives violations
 * in words: file, rule, what was found.
 *
 * @module
 */

import { dirname } from "node:path";
import type { SourceFile } from "./source_files.ts";

const LAYERS = ["core", "ops", "models", "plugins", "mod.ts"];
/** These use the library as anybody would. */
const CLIENTS = ["cli", "serve", "examples"];
/** These may reach every layer, and no layer may reach them. */
const WORKSHOP = ["bench", "tests", "tools", "training"];

/** First part of a path, e.g. `"core"`. */
function top(path: string): string {
  return path.split("/")[0] ?? path;
}

/** Imports point down only: mod.ts, plugins, models, ops, core. */
export function layerViolations(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => LAYERS.includes(top(path))).flatMap((
    { path, imports },
  ) =>
    imports.filter(({ specifier, target }) =>
      specifier.startsWith(".") && !isPreset(path, target) &&
      !LAYERS.slice(0, LAYERS.indexOf(top(path)) + 1).includes(top(target))
    ).map(({ specifier }) =>
      `${path} imports ${specifier}: imports must point down (${
        LAYERS.toReversed().join(" → ")
      })`
    )
  );
}

/** A preset is data that plugins may read: configs name parts, no code. */
function isPreset(path: string, target: string): boolean {
  return top(path) === "plugins" && /^presets\/[^/]+\.json$/.test(target);
}

/** Files of one program; each example is one, alone or in a folder. */
function isNeighbour(path: string, target: string): boolean {
  if (top(path) !== "examples") return top(path) === top(target);
  return path.split("/").length > 2 && dirname(path) === dirname(target);
}

/** Clients see the entry points that `exports` of deno.json names, no more. */
export function clientViolations(
  files: readonly SourceFile[],
  entries: readonly string[],
): string[] {
  return files.filter(({ path }) => CLIENTS.includes(top(path))).flatMap((
    { path, imports },
  ) =>
    imports.filter(({ specifier, target }) =>
      specifier.startsWith(".") && !entries.includes(target) &&
      !isNeighbour(path, target) &&
      // `eval` is a command; what it measures may reach every layer, as benches.
      !(top(path) === "cli" && top(target) === "evaluation")
    ).map(({ specifier }) =>
      `${path} imports ${specifier}: ${top(path)}/ may import ${
        entries.join(", ")
      } only`
    )
  );
}

/** core, ops and models stand alone; nothing pulls from elsewhere by itself. */
export function dependencyViolations(files: readonly SourceFile[]): string[] {
  const isBare = ({ specifier }: { specifier: string }) =>
    !specifier.startsWith(".");
  return files.flatMap(({ path, imports }) =>
    imports.filter(isBare).flatMap(({ specifier }) => {
      if (/^(jsr|npm|https?):/.test(specifier)) {
        return [`${path} imports ${specifier}: versions belong to deno.json`];
      }
      return ["core", "ops", "models"].includes(top(path))
        ? [`${path} imports ${specifier}: ${top(path)}/ has no dependencies`]
        : [];
    })
  );
}

/**
 * A built-in plugin (a folder with a plugin.ts) sees no other one, and not the
 * files that bring the built-ins together either.
 */
export function pluginViolations(files: readonly SourceFile[]): string[] {
  const folderOf = (path: string) =>
    /^plugins\/[^/]+(?=\/)/.exec(path)?.[0] ?? "";
  const plugins = new Set(
    files.map(({ path }) => path).filter((path) => /\/plugin\.ts$/.test(path))
      .map(folderOf).filter(Boolean),
  );
  const gathering = new Set(
    files.filter(({ path, imports }) =>
      path.startsWith("plugins/") && folderOf(path) === "" &&
      imports.some(({ target }) => plugins.has(folderOf(target)))
    ).map(({ path }) => path),
  );
  return files.filter(({ path }) => plugins.has(folderOf(path))).flatMap((
    { path, imports },
  ) =>
    imports.filter(({ target }) =>
      gathering.has(target) ||
      plugins.has(folderOf(target)) && folderOf(target) !== folderOf(path)
    ).map(({ specifier }) =>
      `${path} imports ${specifier}: a plugin sees neither other plugins nor the list of them`
    )
  );
}

/** No layer or client may depend on tests, benches or tools. */
export function workshopViolations(files: readonly SourceFile[]): string[] {
  return files.filter(({ path }) => !WORKSHOP.includes(top(path))).flatMap((
    { path, imports },
  ) =>
    imports.filter(({ specifier, target }) =>
      specifier.startsWith(".") && WORKSHOP.includes(top(target))
    ).map(({ specifier }) =>
      `${path} imports ${specifier}: shipped code may not need ${
        WORKSHOP.join("/, ")
      }/`
    )
  );
}

/** Groups of files that import each other; each is given as one path around. */
export function importCycles(files: readonly SourceFile[]): string[] {
  const byPath = new Map(files.map((file) => [file.path, file]));
  const done = new Set<string>();
  const trail: string[] = [];
  const cycles: string[] = [];
  const visit = (path: string) => {
    if (done.has(path)) return;
    const start = trail.indexOf(path);
    if (start >= 0) {
      cycles.push(`${[...trail.slice(start), path].join(" → ")}: a cycle`);
      return;
    }
    trail.push(path);
    for (const { target } of byPath.get(path)?.imports ?? []) {
      if (byPath.has(target)) visit(target);
    }
    trail.pop();
    done.add(path);
  };
  for (const { path } of files) visit(path);
  return cycles;
}

/** Files over the soft limit that are not excused, or over the hard one. */
export function sizeViolations(
  files: readonly SourceFile[],
  excused: Readonly<Record<string, string>>,
  { soft = 300, hard = 400 } = {},
): string[] {
  return files.flatMap(({ path, text }) => {
    const lines = text.split("\n").length - 1;
    const limit = path in excused ? hard : soft;
    return lines > limit
      ? [`${path} has ${lines} lines: at most ${limit}; split it by ideas`]
      : [];
  });
}

/** Exports without a doc comment right above them. */
export function docViolations(files: readonly SourceFile[]): string[] {
  const form =
    /^export (?:default )?(?:abstract )?(?:async )?(?:function\*?|class|const|interface|type|enum) (\w+)/;
  return files.filter(({ path }) => !WORKSHOP.includes(top(path))).flatMap((
    { path, text },
  ) => {
    const lines = text.split("\n");
    const documented = new Set<string>();
    return lines.flatMap((line, i) => {
      const [, name] = form.exec(line) ?? [];
      if (name === undefined || documented.has(name)) return [];
      documented.add(name); // further overloads share the first one's
      let above = i - 1;
      while (/^\s*\/\/ deno-lint-ignore/.test(lines[above] ?? "")) above--;
      if (lines[above]?.trimEnd().endsWith("*/")) return [];
      return [`${path}:${i + 1} exports ${name} without a doc comment`];
    });
  });
}
