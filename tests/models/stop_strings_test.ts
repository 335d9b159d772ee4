import assert from "node:assert/strict";
import fc from "fast-check";
import {
  cutAtStop,
  StopStrings,
} from "../../models/generation/stop_strings.ts";

/** What comes out when a text goes in by pieces, piece by piece. */
function pushed(pieces: readonly string[], stops: readonly string[]): string[] {
  const stream = new StopStrings(stops);
  const out = pieces.map((piece) => stream.push(piece));
  return [...out, stream.end()];
}

Deno.test("StopStrings holds back what may begin a stop string, and no more", () => {
  assert.deepEqual(pushed(["a fo", "x, a f", "rog"], ["fox!", "ro"]), [
    "a ",
    "fox, a ",
    "f",
    "",
  ]);
  assert.deepEqual(pushed(["one\n", "two\n", "\nthree"], ["\n\n"]), [
    "one",
    "\ntwo",
    "",
    "",
  ]);
  assert.deepEqual(pushed(["ab", "ab", "ab"], ["ababc"]), [
    "",
    "",
    "ab",
    "abab",
  ]);
});

Deno.test("StopStrings ends where a stop string is complete first", () => {
  const of = (text: string, ...stops: string[]) => cutAtStop(text, stops);
  assert.equal(of("say abcd now", "bcd now", "c"), "say ab");
  // Both end at once: the longer takes more away.
  assert.equal(of("say abcd now", "cd", "abcd"), "say ");
  assert.equal(of("nothing here", "xyz"), "nothing here");
  assert.equal(of("", "x"), "");
  const stream = new StopStrings(["d"]);
  assert.deepEqual([stream.push("abc"), stream.isStopped], ["abc", false]);
  assert.deepEqual([stream.push("xdy"), stream.isStopped], ["x", true]);
  assert.deepEqual([stream.push("more"), stream.end()], ["", ""]);
});

Deno.test("a text in any pieces is cut at the same place", () => {
  const letters = fc.constantFrom("a", "b", "é", "\u{1f98a}");
  const words = (most: number, least = 0) =>
    fc.array(letters, { minLength: least, maxLength: most })
      .map((all) => all.join(""));
  fc.assert(
    fc.property(
      fc.array(words(4), { maxLength: 12 }),
      fc.array(words(4, 1), { minLength: 1, maxLength: 4 }),
      (pieces, stops) => {
        const text = pieces.join("");
        const cut = cutAtStop(text, stops);
        assert.equal(pushed(pieces, stops).join(""), cut);
        assert.equal(pushed([...text], stops).join(""), cut);
        // The cut is the shortest beginning that a stop string completes.
        const ends = Array.from({ length: text.length + 1 }, (_, i) => i)
          .find((end) =>
            stops.some((stop) => text.slice(0, end).endsWith(stop))
          );
        if (ends === undefined) return assert.equal(cut, text);
        const longest = stops.filter((stop) =>
          text.slice(0, ends).endsWith(stop)
        )
          .reduce((most, stop) => Math.max(most, stop.length), 0);
        assert.equal(cut, text.slice(0, ends - longest));
      },
    ),
    { seed: 20, numRuns: 500 },
  );
});
