/**
 * Decoding while ids arrive: a character whose bytes are spread over several
 * tokens is held back until it is whole.
 *
 * @module
 */
import type { StreamDecoder } from "../../models/slots.ts";

/** What an unfinished character decodes to. */
const REPLACEMENT = "\ufffd";

/**
 * A stream decoder over any decoder of whole sequences. What is given out, in
 * order, is what `decode` says of all ids together.
 *
 * @param decode text of several ids, where longer sequences only add text
 * unless the shorter one ended within a character
 */
export function createStreamDecoder(
  decode: (ids: readonly number[]) => string,
): StreamDecoder {
  // The last ids given out stay as context: some decoders drop a first space.
  let context: number[] = [];
  let pending: number[] = [];
  const fresh = () => {
    const before = context.length === 0 ? "" : decode(context);
    return decode([...context, ...pending]).slice(before.length);
  };
  const release = (text: string) => {
    if (pending.length > 0 && text.length > 0) {
      context = pending;
      pending = [];
    }
    return text;
  };
  return {
    push(id) {
      pending.push(id);
      const text = fresh();
      return text.endsWith(REPLACEMENT) ? "" : release(text);
    },
    end: () => release(fresh()),
  };
}
