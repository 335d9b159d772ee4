import assert from "node:assert/strict";

/** Elements that have no end. */
const VOID = new Set(["meta", "img", "br", "line", "circle", "polyline"]);

/** A page whose elements are closed in order and that asks nothing of a network. */
export function assertPage(text: string): void {
  assert.match(text, /^\s*<!DOCTYPE html>/);
  const open: string[] = [];
  const rest = text.replace(/<!DOCTYPE html>/, "")
    .replace(/<style>[^<]*<\/style>/, "");
  const tags =
    /<(\/?)([a-z][a-z0-9]*)((?:\s+[A-Za-z][A-Za-z0-9-]*(?:="[^"<>]*")?)*)\s*(\/?)>/g;
  for (const [, end, name, , closed] of rest.matchAll(tags)) {
    if (end) assert.equal(open.pop(), name);
    else if (!closed && !VOID.has(name!)) open.push(name!);
  }
  assert.deepEqual(open, []);
  const bare = rest.replaceAll(tags, "");
  assert(!/[<>]/.test(bare), bare.match(/.{0,60}[<>].{0,60}/)?.[0]);
  assert(!/(?:https?:)?\/\/[a-z]/i.test(rest.replaceAll(/base64,[^"]*/g, "")));
  assert(!/<script|<link|\son[a-z]+=/i.test(rest));
}
