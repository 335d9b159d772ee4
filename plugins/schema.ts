/**
 * Checks of config values: strict, with all faults reported and the nearest
 * known name for every unknown one. Small enough to need no package.
 *
 * @module
 */

import { quoted } from "./cannot_read.ts";
import { asObject } from "./json_file.ts";
import type { Misfits } from "./misfits.ts";
import { didYouMean } from "./nearest_name.ts";

/** Checks a value of a config. */
export interface Schema<T> {
  /** Whether a key of this schema may be left out. */
  readonly isOptional: boolean;
  /**
   * The value, typed and with defaults filled in. A fault is reported with its
   * path, e.g. `vision.levels.0`; what is returned then is not to be used.
   */
  check(value: unknown, path: string, misfits: Misfits): T;
}

/** Values that a record of schemas checks. */
export type ValuesOf<F> = {
  readonly [K in keyof F]: F[K] extends Schema<infer T> ? T : never;
};

/** A schema of values that a predicate accepts; `rule` says which. */
export function valueOf<T>(
  rule: string,
  isValue: (value: unknown) => value is T,
): Schema<T> {
  return {
    isOptional: false,
    check(value, path, misfits) {
      if (!isValue(value)) {
        misfits.add(path, `it is ${quoted(value)}: it must be ${rule}`);
      }
      return value as T;
    },
  };
}

/** Any text but the empty one. */
export function text(): Schema<string> {
  return valueOf(
    "a text that is not empty",
    (value): value is string => typeof value === "string" && value !== "",
  );
}

/** `true` or `false`. */
export function flag(): Schema<boolean> {
  return valueOf(
    "true or false",
    (value): value is boolean => typeof value === "boolean",
  );
}

/** A whole number of at least `least` (default 1). */
export function integer(least: number = 1): Schema<number> {
  return valueOf(
    `a whole number of at least ${least}`,
    (value): value is number =>
      Number.isSafeInteger(value) && value as number >= least,
  );
}

/** A finite number of at least `least`. */
export function number(least: number = -Number.MAX_VALUE): Schema<number> {
  const rule = least === -Number.MAX_VALUE
    ? "a number"
    : `a number of at least ${least}`;
  return valueOf(
    rule,
    (value): value is number =>
      Number.isFinite(value) && value as number >= least,
  );
}

/** One of some names. */
export function oneOf<const N extends readonly string[]>(
  ...names: N
): Schema<N[number]> {
  return {
    isOptional: false,
    check(value, path, misfits) {
      if (!names.includes(value as string)) {
        const hint = typeof value === "string" ? didYouMean(value, names) : "";
        const known = names.map((name) => `"${name}"`).join(", ");
        const rule = `it must be one of ${known}${hint}`;
        misfits.add(path, `it is ${quoted(value)}: ${rule}`);
      }
      return value as N[number];
    },
  };
}

/** A list of at least `least` values; exactly so many where `most` is equal. */
export function listOf<T>(
  item: Schema<T>,
  { least = 1, most = Infinity }: {
    readonly least?: number;
    readonly most?: number;
  } = {},
): Schema<readonly T[]> {
  const count = least === most ? `${least}` : `at least ${least}`;
  return {
    isOptional: false,
    check(value, path, misfits) {
      const isList = Array.isArray(value) && value.length >= least &&
        value.length <= most;
      if (!isList) {
        const rule = `it must be a list of ${count}`;
        misfits.add(path, `it is ${quoted(value)}: ${rule}`);
        return [];
      }
      return value.map((each, i) => item.check(each, `${path}.${i}`, misfits));
    },
  };
}

/** A value that may be left out; it is undefined then. */
export function optional<T>(schema: Schema<T>): Schema<T | undefined> {
  return {
    isOptional: true,
    check: (value, path, misfits) =>
      value === undefined ? undefined : schema.check(value, path, misfits),
  };
}

/** A value that may be left out; it is `value` then. */
export function orElse<T>(schema: Schema<T>, value: T): Schema<T> {
  return {
    isOptional: true,
    check: (given, path, misfits) =>
      given === undefined ? value : schema.check(given, path, misfits),
  };
}

/** An object with these keys and no others. */
export function objectOf<F extends Readonly<Record<string, Schema<unknown>>>>(
  fields: F,
): Schema<ValuesOf<F>> {
  const known = Object.keys(fields);
  return {
    isOptional: false,
    check(value, path, misfits) {
      const object = asObject(value);
      if (object === undefined) {
        misfits.add(path, `it is ${quoted(value)}: it must be an object`);
        return {} as ValuesOf<F>;
      }
      const at = (key: string): string => path === "" ? key : `${path}.${key}`;
      for (const key of Object.keys(object)) {
        if (Object.hasOwn(fields, key)) continue;
        const hint = didYouMean(key, known);
        const keys = known.length === 0 ? "none" : known.join(", ");
        misfits.add(at(key), `it is an unknown key${hint}: known are ${keys}`);
      }
      const entries = Object.entries(fields).map(([key, field]) => {
        const given = object[key];
        if (given !== undefined || field.isOptional) {
          return [key, field.check(given, at(key), misfits)];
        }
        misfits.add(at(key), "it is missing");
        return [key, undefined];
      });
      return Object.fromEntries(entries);
    },
  };
}
