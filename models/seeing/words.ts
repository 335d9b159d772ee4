/**
 * Tokens of a text as the words that they make up.
 *
 * @module
 */

/**
 * Places of tokens, word by word: `pieces` are the texts that tokens add, as a
 * stream decoder gives them. A word begins with white space or after it; a token
 * that adds no text goes to the word before it, and those at the end, which are
 * marks, stand alone.
 */
export function wordsOf(pieces: readonly string[]): number[][] {
  const words: number[][] = [];
  const marks = pieces.findLastIndex((piece) => piece !== "") + 1;
  let text = "";
  pieces.forEach((piece, i) => {
    const isOver = text.trim() !== "" &&
      (/^\s/.test(piece) || /\s$/.test(text));
    if (words.length === 0 || isOver || i >= marks) {
      words.push([i]);
      text = piece;
    } else {
      words.at(-1)!.push(i);
      text += piece;
    }
  });
  return words;
}
