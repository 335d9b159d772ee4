/**
 * The contract of plugins as something that runs: for tests of any plugin.
 *
 * ```ts
 * import { checkPlugin, createDevice, gpt2Plugin } from "@rookery/rookery";
 *
 * Deno.test("the plugin keeps the contract", async () => {
 *   using device = await createDevice();
 *   const cases = [{
 *     part: "gpt2/decoder",
 *     options: { layers: 2, width: 24, heads: 4, vocabulary: 50, context: 32 },
 *   }];
 *   (await checkPlugin(gpt2Plugin(), { device, cases })).throwIfFailed();
 * });
 * ```
 *
 * @module
 */

import { isDeepStrictEqual } from "node:util";
import { createDevice } from "../core/create_device.ts";
import type { Device } from "../core/device.ts";
import { builtinPlugins } from "./builtin_plugins.ts";
import { Catalog } from "./catalog.ts";
import { bridgeChecks } from "./checks/bridge_checks.ts";
import { crossAttentionChecks } from "./checks/cross_attention_checks.ts";
import { imageChecks } from "./checks/image_checks.ts";
import { languageChecks } from "./checks/language_checks.ts";
import {
  type BuiltCase,
  type PartCase,
  USUAL_NEIGHBOURS,
} from "./checks/part_case.ts";
import { CheckList, type PluginReport } from "./checks/plugin_report.ts";
import { readerChecks } from "./checks/reader_checks.ts";
import { resamplerChecks } from "./checks/resampler_checks.ts";
import { checkPartName, sectionChecks } from "./checks/section_checks.ts";
import { TestBench } from "./checks/test_bench.ts";
import { textChecks } from "./checks/text_checks.ts";
import { tokenizerChecks } from "./checks/tokenizer_checks.ts";
import { visionChecks } from "./checks/vision_checks.ts";
import { Misfits } from "./misfits.ts";
import { type OpenedSource, OpenedSources } from "./opened_sources.ts";
import {
  type AnyPart,
  CONTRACT,
  type Part,
  type PartContext,
  type Plugin,
  type SlotName,
  type TensorMap,
} from "./plugin.ts";

export type { PartCase } from "./checks/part_case.ts";
export type { PluginCheck, PluginReport } from "./checks/plugin_report.ts";

/** Options of `checkPlugin`. */
export interface CheckPluginOptions {
  /** Compared with the CPU device, which is always used. Default: none. */
  readonly device?: Device;
  /**
   * What parts are checked with; several for one part are several rounds. A
   * part without a case is checked with an empty section.
   */
  readonly cases?: readonly PartCase[];
}

/**
 * Runs the contract on a plugin: its number, names, strict schemas, builds
 * that repeat, shapes as the slots state them, weights alike for any batch,
 * rows that do not touch, cached decoding equal to one forward, devices that
 * agree, finite numbers. Faults are in the report, never thrown.
 */
export async function checkPlugin(
  plugin: Plugin,
  { device, cases = [] }: CheckPluginOptions = {},
): Promise<PluginReport> {
  const list = new CheckList(plugin.name);
  const isFit = await pluginChecks(plugin, cases, list);
  await bridgeChecks(plugin, list);
  using cpu = await createDevice({ device: "cpu" });
  const devices = device && device.profile.kind !== "cpu"
    ? [cpu, device]
    : [cpu];
  if (devices.length === 1) {
    list.leaveOut(plugin.name, "WebGPU, as no such device is given");
  }
  const catalog = new Catalog(isFit ? besideBuiltin(plugin) : builtinPlugins());
  const readers = await catalog.readers();
  for (const part of plugin.parts) {
    const own = cases.filter((given) => isFor(given, part));
    for (const given of own.length > 0 ? own : [{ part: part.name }]) {
      using sources = new OpenedSources(readers, {});
      await partChecks({ part, plugin, given, list, devices, sources });
    }
  }
  return list.report();
}

function isFor({ part, slot }: PartCase, { name, slot: own }: AnyPart) {
  return part === name && (slot === undefined || slot === own);
}

async function pluginChecks(
  plugin: Plugin,
  cases: readonly PartCase[],
  list: CheckList,
): Promise<boolean> {
  const { name, version, contract, parts, bridges, models } = plugin;
  await list.check(name, `contract is ${CONTRACT}`, () => {
    if (contract !== CONTRACT) throw new Error(`it is ${contract}`);
  });
  await list.check(name, "it has a name and a version", () => {
    if (!/^[a-z][a-z0-9_]*$/.test(name)) {
      throw new Error(
        `its name is "${name}": use small letters, digits and _, a letter first`,
      );
    }
    if (!/^\d+\.\d+\.\d+/.test(version)) {
      throw new Error(`its version is "${version}": write it as 1.0.0`);
    }
  });
  await list.check(name, "it brings something", () => {
    const count = parts.length + (bridges?.length ?? 0) + (models?.length ?? 0);
    if (count === 0) throw new Error("parts, bridges and models are empty");
  });
  await list.check(name, "cases name its parts", () => {
    const strange = cases.filter((given) =>
      !parts.some((part) => isFor(given, part))
    );
    if (strange.length === 0) return;
    throw new Error(`it has no ${strange.map(({ part }) => part).join(", ")}`);
  });
  return await list.check(
    name,
    "it stands beside the built-in plugins",
    () => new Catalog(besideBuiltin(plugin)).readers(),
  );
}

/** The built-in plugins and this one, in the place of one of its name. */
function besideBuiltin(plugin: Plugin): Plugin[] {
  return [
    ...builtinPlugins().filter(({ name }) => name !== plugin.name),
    plugin,
  ];
}

/** A part with all that its checks need. */
interface PartSetup {
  readonly part: AnyPart;
  readonly plugin: Plugin;
  readonly given: PartCase;
  readonly list: CheckList;
  readonly devices: readonly Device[];
  readonly sources: OpenedSources;
}

async function partChecks(setup: PartSetup): Promise<void> {
  const { part, plugin, given, list, devices, sources } = setup;
  const subject = `${part.slot} ${part.name}`;
  await list.check(subject, "it is named plugin/part", () => {
    checkPartName(plugin, part);
  });
  const { options = {} } = given;
  if (!await sectionChecks(subject, part, options, list)) return;
  const neighbours = { ...USUAL_NEIGHBOURS, ...given.neighbours };
  let built: { value: unknown; tensors: TensorMap | undefined } | undefined;
  await list.check(subject, "it builds the same each time", async () => {
    const source = given.weights === undefined
      ? undefined
      : await sources.open(given.weights);
    const context = { source, neighbours, overrides: new Map() };
    const config = part.schema.check(options, part.slot, new Misfits());
    const [value, again] = [
      await part.build(config, context),
      await part.build(config, context),
    ];
    if (!value) throw new Error("build() gives nothing");
    if (!isDeepStrictEqual(plainOf(value), plainOf(again))) {
      throw new Error("two builds from one section have different sizes");
    }
    const tensors = await tensorsOf(part as Part, config, { source, context });
    built = { value, tensors };
  });
  if (built === undefined) return;
  using bench = new TestBench(devices, part.slot, built.tensors);
  const { value } = built;
  const own = { subject, part, value, given, neighbours, list, bench };
  await list.check(
    subject,
    "it has the form of its slot",
    () => checksOf(part.slot)(own as unknown as BuiltCase<SlotName>),
  );
  if (!RUN_SLOTS.has(part.slot)) return;
  await list.check(subject, "numbers are finite, and alike on devices", () => {
    if (bench.faults.length > 0) throw new Error(bench.faults.join("; "));
  });
}

const RUN_SLOTS: ReadonlySet<SlotName> = new Set([
  "vision",
  "resampler",
  "crossAttention",
  "language",
  "text",
]);

function checksOf<S extends SlotName>(
  slot: S,
): (built: BuiltCase<S>) => Promise<void> {
  const checks = {
    vision: visionChecks,
    resampler: resamplerChecks,
    crossAttention: crossAttentionChecks,
    language: languageChecks,
    text: textChecks,
    tokenizer: tokenizerChecks,
    image: imageChecks,
    reader: readerChecks,
  } satisfies { [K in SlotName]: (built: BuiltCase<K>) => Promise<void> };
  return checks[slot] as unknown as (built: BuiltCase<S>) => Promise<void>;
}

async function tensorsOf(
  part: Part,
  config: unknown,
  { source, context }: {
    readonly source: OpenedSource | undefined;
    readonly context: PartContext;
  },
): Promise<TensorMap | undefined> {
  const checkpoint = source?.checkpoint;
  if (checkpoint === undefined) return undefined;
  return await part.weights?.(checkpoint, config, context) ??
    checkpoint.tensors;
}

/** A value without its functions: sizes and names, to compare two of them. */
function plainOf(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}
