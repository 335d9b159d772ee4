/**
 * Finds keys that stand twice in a JSON object, of which `JSON.parse` keeps the
 * last without a word.
 *
 * @module
 */

/** The first key of the outermost object that is there twice. */
export function repeatedKey(json: string): string | undefined {
  const seen = new Set<string>();
  let depth = 0;
  // A text, with what follows it where it is a key; or a bracket.
  for (const [part] of json.matchAll(/"(?:[^"\\]|\\.)*"(?:\s*:)?|[{}[\]]/g)) {
    if (part === "{" || part === "[") depth++;
    else if (part === "}" || part === "]") depth--;
    else if (depth === 1 && part.endsWith(":")) {
      const key = JSON.parse(part.slice(0, -1)) as string;
      if (seen.has(key)) return key;
      seen.add(key);
    }
  }
  return undefined;
}
