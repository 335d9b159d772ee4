/**
 * Checks of a part's name and schema: what a config may say, and what is told
 * of what it may not.
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { builtinPlugins } from "../builtin_plugins.ts";
import { Misfits } from "../misfits.ts";
import type { AnyPart, Plugin } from "../plugin.ts";
import type { CheckList } from "./plugin_report.ts";

const WORD = "[a-z][a-z0-9_]*";
const UNKNOWN_KEY = "no_such_key";

/** Whether the library brings a plugin of this name itself. */
function isBuiltin({ name }: Plugin): boolean {
  return builtinPlugins().some((plugin) => plugin.name === name);
}

/** Fails unless a part is called `plugin/part`; built-in ones may be shorter. */
export function checkPartName(plugin: Plugin, { name }: AnyPart): void {
  const own = new RegExp(`^${RegExp.escape(plugin.name)}/${WORD}$`);
  const short = new RegExp(`^${WORD}$`);
  if (own.test(name) || isBuiltin(plugin) && short.test(name)) return;
  throw new Error(
    `its name is "${name}": it must be ${plugin.name}/ and a word of small ` +
      "letters, digits and _",
  );
}

/** Checks a schema with good and with bad sections. */
export async function sectionChecks(
  subject: string,
  { slot, schema }: AnyPart,
  options: Readonly<Record<string, unknown>>,
  list: CheckList,
): Promise<boolean> {
  const pathsOf = (value: unknown): string[] => {
    const misfits = new Misfits();
    schema.check(value, slot, misfits);
    return misfits.list.map(({ path }) => path);
  };
  await list.check(subject, "unknown keys are refused, with paths", () => {
    const paths = pathsOf({ ...options, [UNKNOWN_KEY]: 1 });
    mustName(paths, `${slot}.${UNKNOWN_KEY}`, "an unknown key");
    if (pathsOf("text").length === 0) {
      throw new Error("a section that is no object is accepted");
    }
  });
  await list.check(subject, "wrong values are refused, with paths", () => {
    for (const key of Object.keys(options)) {
      const paths = pathsOf({ ...options, [key]: { [UNKNOWN_KEY]: 1 } });
      mustName(paths, `${slot}.${key}`, `a wrong ${key}`);
    }
  });
  return await list.check(subject, "the section of its case is right", () => {
    const misfits = new Misfits();
    const config = schema.check(options, slot, misfits);
    misfits.throwIfAny("config", "use it; give a case with right options");
    const copy = JSON.parse(JSON.stringify(options));
    const again = schema.check(copy, slot, new Misfits());
    if (!isDeepStrictEqual(config, again)) {
      throw new Error("it is another one after a way through JSON");
    }
  });
}

function mustName(
  paths: readonly string[],
  path: string,
  what: string,
): void {
  if (paths.some((found) => found === path || found.startsWith(`${path}.`))) {
    return;
  }
  throw new Error(
    paths.length === 0
      ? `${what} is accepted: use objectOf() and its like`
      : `${what} is reported at ${paths.join(", ")}: it must be ${path}`,
  );
}
