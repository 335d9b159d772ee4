/**
 * Plugins made wrong on purpose, and what the contract says of them.
 *
 * @module
 */

import assert from "node:assert/strict";
import type { PluginReport } from "../../plugins/check_plugin.ts";
import type {
  AnyPart,
  Part,
  Plugin,
  SlotName,
  SlotValues,
} from "../../plugins/plugin.ts";

/** The plugin with parts of one slot, made into something else. */
export function changed<S extends SlotName>(
  plugin: Plugin,
  slot: S,
  change: (part: Part<S>) => Part<S>,
): Plugin {
  const parts = plugin.parts.map((part) =>
    part.slot === slot
      ? change(part as unknown as Part<S>) as unknown as AnyPart
      : part
  );
  return { ...plugin, parts };
}

/** The plugin with parts that build something else. */
export function rebuilt<S extends SlotName>(
  plugin: Plugin,
  slot: S,
  change: (value: SlotValues[S]) => SlotValues[S],
): Plugin {
  return changed(plugin, slot, (part) => ({
    ...part,
    build: async (config, context) => change(await part.build(config, context)),
  }));
}

/** Why a check failed; fails itself where it did not. */
export function whyOf(report: PluginReport, rule: RegExp): string {
  const found = report.failed.filter(({ name }) => rule.test(name));
  const all = report.failed.map(({ name, why }) => `${name}: ${why}`);
  assert.ok(found.length > 0, `${rule} did not fail, but ${all.join()}`);
  return found.map(({ why }) => why).join();
}
