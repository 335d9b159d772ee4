/**
 * A first look at a config, before any file is fetched.
 *
 * @module
 */

import type { Catalog } from "./catalog.ts";
import type { ModelConfig, PartSection, WeightsEntry } from "./config.ts";
import { Misfits } from "./misfits.ts";
import type { SlotName } from "./plugin.ts";
import { RookeryError } from "../core/errors.ts";
import type { LocatedConfig } from "./read_config.ts";

/** Slots that have a section in a config. */
const SECTIONS = [
  "language",
  "tokenizer",
  "vision",
  "image",
  "resampler",
  "crossAttention",
  "text",
] as const satisfies readonly SlotName[];

/**
 * Throws when the config names unknown parts or options and bringing its
 * weights may take a download. With all files at hand nothing is thrown here:
 * these faults are reported with those that only the files show.
 *
 * @throws {RookeryError} `config` with every misfit
 */
export function checkSections(
  { config, path }: LocatedConfig,
  catalog: Catalog,
): void {
  if (!entriesOf(config).some(isRemote)) return;
  const misfits = new Misfits();
  for (const slot of SECTIONS) {
    const section = sectionOf(config, slot);
    if (section?.part === undefined) continue;
    try {
      const part = catalog.part(slot, section.part);
      part.schema.check(section.options, slot, misfits);
    } catch (error) {
      if (!(error instanceof RookeryError)) throw error;
      misfits.add(`${slot}.part`, error.message);
    }
  }
  misfits.throwIfAny("config", `assemble ${path}`);
}

/** A section as far as this first look needs it. */
interface AnySection {
  readonly part: string | undefined;
  readonly options: PartSection["options"];
  readonly weights?: WeightsEntry | undefined;
  readonly from?: WeightsEntry | undefined;
}

function sectionOf(
  config: ModelConfig,
  slot: (typeof SECTIONS)[number],
): AnySection | undefined {
  const sections: Readonly<Record<string, unknown>> = { ...config };
  return sections[slot] as AnySection | undefined;
}

function entriesOf(config: ModelConfig): (WeightsEntry | undefined)[] {
  const own = SECTIONS.map((slot) => sectionOf(config, slot))
    .flatMap((section) => [section?.weights, section?.from]);
  const bridge = config.kind === "flamingo" ? config.bridge : undefined;
  return [...own, bridge?.weights];
}

function isRemote(entry: WeightsEntry | undefined): boolean {
  return typeof entry === "object" && "from" in entry &&
    entry.from !== undefined;
}
