import assert from "node:assert/strict";
import { Misfits } from "../../plugins/misfits.ts";
import {
  flag,
  integer,
  listOf,
  number,
  objectOf,
  oneOf,
  optional,
  orElse,
  text,
} from "../../plugins/schema.ts";

const PART = objectOf({
  width: integer(),
  clip: optional(number(0)),
  isTied: orElse(flag(), false),
  join: orElse(oneOf("channels", "tokens"), "channels"),
  levels: orElse(listOf(text()), ["head"]),
  mean: optional(listOf(number(), { least: 3, most: 3 })),
});

function faultsOf(value: unknown): string[] {
  const misfits = new Misfits();
  PART.check(value, "vision", misfits);
  return misfits.list.map(({ path, reason }) => `${path}: ${reason}`);
}

Deno.test("objectOf() fills in defaults and keeps what is given", () => {
  const misfits = new Misfits();
  const value = PART.check({ width: 3, clip: 5, mean: [1, 2, 3] }, "", misfits);
  assert.equal(misfits.count, 0);
  assert.deepEqual(value, {
    width: 3,
    clip: 5,
    isTied: false,
    join: "channels",
    levels: ["head"],
    mean: [1, 2, 3],
  });
});

Deno.test("objectOf() names the nearest key for an unknown one", () => {
  assert.deepEqual(faultsOf({ widht: 3 }), [
    'vision.widht: it is an unknown key (did you mean "width"?): known are ' +
    "width, clip, isTied, join, levels, mean",
    "vision.width: it is missing",
  ]);
});

Deno.test("objectOf() reports every fault with its path", () => {
  const faults = faultsOf({
    width: 0,
    clip: -1,
    isTied: "yes",
    join: "chanels",
    levels: ["a", 7],
    mean: [1, 2],
  });
  assert.deepEqual(faults, [
    "vision.width: it is 0: it must be a whole number of at least 1",
    "vision.clip: it is -1: it must be a number of at least 0",
    'vision.isTied: it is "yes": it must be true or false',
    'vision.join: it is "chanels": it must be one of "channels", "tokens" ' +
    '(did you mean "channels"?)',
    "vision.levels.1: it is 7: it must be a text that is not empty",
    "vision.mean: it is [1,2]: it must be a list of 3",
  ]);
});

Deno.test("objectOf() refuses what is no object", () => {
  assert.deepEqual(faultsOf([]), [
    "vision: it is []: it must be an object",
  ]);
  assert.equal(faultsOf(null).length, 1);
});

Deno.test("objectOf() is not fooled by names of Object.prototype", () => {
  const json = JSON.parse('{"width": 1, "toString": 2, "__proto__": 3}');
  assert.equal(faultsOf(json).length, 2);
});
