/**
 * GPT-2's alphabet: a printable character for each byte.
 *
 * @module
 */

/** Bytes that stand for themselves: printable Latin-1, without the space. */
const PRINTABLE: readonly (readonly [number, number])[] = [
  [0x21, 0x7e],
  [0xa1, 0xac],
  [0xae, 0xff],
];

/** The other bytes, in order, stand at the code points from here. */
const OTHERS_START = 0x100;

/** The characters of all 256 bytes. */
export function byteAlphabet(): string[] {
  let next = OTHERS_START;
  return Array.from({ length: 256 }, (_, byte) => {
    const isPrintable = PRINTABLE.some(([from, to]) =>
      byte >= from && byte <= to
    );
    return String.fromCodePoint(isPrintable ? byte : next++);
  });
}

/** UTF-8 bytes of text, each as its character. */
export function bytesAsText(): (text: string) => string {
  const alphabet = byteAlphabet();
  const encoder = new TextEncoder();
  return (text) =>
    Array.from(encoder.encode(text), (b) => alphabet[b]).join("");
}

/** Bytes of a token; those of its own UTF-8 where it has other characters. */
export function textAsBytes(): (token: string) => Iterable<number> {
  const bytes = new Map(byteAlphabet().map((char, byte) => [char, byte]));
  const encoder = new TextEncoder();
  return (token) => {
    const found = Array.from(token, (char) => bytes.get(char));
    return found.includes(undefined)
      ? encoder.encode(token)
      : found as number[];
  };
}
