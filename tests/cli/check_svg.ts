/**
 * What every picture that the commands draw must keep.
 *
 * @module
 */

import assert from "node:assert/strict";

/** Well-formed, whole numbers, and nothing from outside. */
export function checkSvg(svg: string): void {
  assert.match(svg, /^<svg xmlns="http:\/\/www\.w3\.org\/2000\/svg" /);
  assert.doesNotMatch(svg, /NaN|Infinity|undefined|href|@import|<image/);
  const open: string[] = [];
  const rest = svg.replaceAll(
    /<(\/?)([a-z]+)((?: [a-zA-Z:-]+="[^"<]*")*)(\/?)>/g,
    (_, isEnd, name, __, isWhole) => {
      if (isEnd) assert.equal(open.pop(), name);
      else if (!isWhole) open.push(name);
      return "";
    },
  );
  assert.deepEqual(open, []);
  assert.doesNotMatch(rest, /[<>]|&(?!amp;|lt;|gt;|quot;)/);
}
