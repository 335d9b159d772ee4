/**
 * Damaged copies of JSON texts: values replaced, exchanged, nested or lost,
 * keys renamed or doubled, and the text itself cut or changed.
 *
 * @module
 */

import fc from "fast-check";
import { anywhere } from "./anywhere.ts";

type Json = null | boolean | number | string | Json[] | { [key: string]: Json };

const KINDS = [
  ...["replace", "replace", "nudge", "exchange", "copy", "remove", "rename"],
  ...["wrap", "add", "twice", "letter", "drop", "cut"],
] as const;

interface Damage {
  readonly kind: typeof KINDS[number];
  readonly place: number;
  readonly other: number;
}

/** Values that are seldom meant. */
const VALUES: readonly Json[] = [
  ...[null, true, false, "", "x", [], {}, [[]], { a: {} }, [null], "null"],
  ...[0, -0, 1, -1, 0.5, 2, 3, 7, 2 ** 31, 2 ** 32, 2 ** 40, 2 ** 53],
  ...[-(2 ** 53), 1e308, -1e308, 5e-324, 1e21, "1", "../x", "/etc/passwd"],
  ...["__proto__", "constructor", "toString", "\0", "\ud800", "é".repeat(300)],
  ...[[1, 2], [2 ** 40, 2 ** 40], [0], [-1], ["a", 1], { "": 0 }],
];

const LETTERS = '{}[]:,"\\ 0123456789-+.eE/ntu\0\n';

/** JSON texts with one to three damages. */
export function damagedJson(
  values: readonly unknown[],
): fc.Arbitrary<Uint8Array<ArrayBuffer>> {
  const damage = fc.record({
    kind: fc.constantFrom(...KINDS),
    place: anywhere(),
    other: anywhere(),
  }) as fc.Arbitrary<Damage>;
  const damages = fc.array(damage, { minLength: 1, maxLength: 3 });
  return fc.tuple(fc.nat(values.length - 1), damages).map(([i, list]) => {
    const root = { "": structuredClone(values[i]) as Json };
    for (const each of list) damageValue(root, each);
    let text = JSON.stringify(root[""] ?? null);
    for (const each of list) text = damageText(text, each);
    return new TextEncoder().encode(text);
  });
}

/** A value's place: what holds it, and its key or index there. */
interface Slot {
  readonly holder: Record<string, Json>;
  readonly key: string;
}

function slotsOf(root: { "": Json }): Slot[] {
  const slots: Slot[] = [];
  const visit = (holder: Record<string, Json>) => {
    for (const key of Object.keys(holder)) {
      slots.push({ holder, key });
      const value = holder[key];
      if (typeof value === "object" && value !== null) {
        visit(value as Record<string, Json>);
      }
    }
  };
  visit(root);
  return slots;
}

function pick<T>(list: ArrayLike<T>, place: number): T {
  return list[Math.floor(place * list.length)]!;
}

function damageValue(root: { "": Json }, { kind, place, other }: Damage): void {
  const slots = slotsOf(root);
  const { holder, key } = pick(slots, place);
  const second = pick(slots, other);
  const value = holder[key]!;
  const copy = () => structuredClone(second.holder[second.key]!);
  const set = (made: Json, at = key) =>
    Object.defineProperty(holder, at, {
      value: made,
      enumerable: true,
      configurable: true,
      writable: true,
    });
  if (kind === "replace") set(structuredClone(pick(VALUES, other)));
  if (kind === "copy") set(copy());
  if (kind === "wrap") set(other < 0.5 ? [value] : { a: value });
  if (kind === "exchange") {
    const made = copy();
    second.holder[second.key] = structuredClone(value);
    set(made);
  }
  if (kind === "nudge" && typeof value === "number") {
    set(pick([value + 1, value - 1, -value, value / 2, value * 1e6], other));
  }
  if (kind === "nudge" && typeof value === "string") {
    const at = Math.floor(other * value.length);
    set(value.slice(0, at) + pick(LETTERS, other) + value.slice(at + 1));
  }
  if (Array.isArray(holder)) {
    if (kind === "remove") holder.splice(Number(key), 1);
    if (kind === "add") holder.push(copy());
  } else if (holder !== root) {
    if (kind === "remove" || kind === "rename") delete holder[key];
    if (kind === "rename") {
      set(value, pick([`${key}s`, "a", "__proto__"], other));
    }
    if (kind === "add") set(copy(), pick(["extra", "x", "__proto__"], other));
  }
}

function damageText(text: string, { kind, place, other }: Damage): string {
  const at = Math.floor(place * text.length);
  const [before, after] = [text.slice(0, at), text.slice(at)];
  if (kind === "letter") return before + pick(LETTERS, other) + after.slice(1);
  if (kind === "drop") return before + after.slice(1 + Math.floor(other * 8));
  if (kind === "cut") return before;
  if (kind === "twice") {
    // The first key of an object once more, with another value.
    return text.replace(/\{("(?:[^"\\]|\\.)*":)/, `{$10,$1`);
  }
  return text;
}
