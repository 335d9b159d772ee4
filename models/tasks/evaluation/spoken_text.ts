/**
 * What counts of a text that a model wrote: it may go on with the next example
 * of its prompt.
 *
 * @module
 */

/** A caption up to where the next example begins, without quotes. */
export function spokenCaption(text: string): string {
  return text.split("Output", 1)[0]!.replaceAll('"', "").trim();
}

/** A short answer: the first of a list, up to where a question begins. */
export function spokenAnswer(text: string): string {
  const [own = ""] = text.split(/Question|Answer|Short/, 1);
  return own.split(", ", 1)[0]!.trim();
}
