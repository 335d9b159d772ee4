/**
 * What a user says in a conversation, from the keyboard or a file.
 *
 * @module
 */

import { type Media, type PictureItem, RookeryError } from "../mod.ts";
import type { Output } from "./command.ts";
import { asObject, badItem, parseJson } from "./read_json_lines.ts";
import { messageOf } from "./message_of.ts";

/** One line that was read. */
export type Turn =
  | { readonly kind: "quit" | "reset" | "help" | "nothing" }
  | { readonly kind: "show"; readonly item: PictureItem<Media> }
  | {
    readonly kind: "say";
    readonly text: string;
    readonly item?: PictureItem<Media>;
  }
  | { readonly kind: "wrong"; readonly error: RookeryError };

/** Turns of stdin or of a file, as they come; `prompt` is told before each. */
export async function* chatTurns(
  { lines, json }: {
    readonly lines: string | undefined;
    readonly json: boolean;
  },
  prompt: Output | undefined,
): AsyncGenerator<Turn> {
  const name = lines ?? "input";
  let at = 0;
  prompt?.note("> ");
  for await (const line of linesOf(await openLines(lines))) {
    at++;
    if (line.trim() !== "") {
      yield json ? jsonTurn(line, `${name}:${at}`) : wordsTurn(line.trim());
    }
    prompt?.note("> ");
  }
}

async function openLines(
  path: string | undefined,
): Promise<ReadableStream<Uint8Array>> {
  if (path === undefined) return Deno.stdin.readable;
  try {
    return (await Deno.open(path)).readable;
  } catch (cause) {
    throw new RookeryError(
      "file",
      `Cannot read ${path} as ${messageOf(cause)}: check the path`,
      { path, cause },
    );
  }
}

async function* linesOf(
  stream: ReadableStream<Uint8Array>,
): AsyncGenerator<string> {
  let rest = "";
  for await (
    const text of stream.pipeThrough(
      new TextDecoderStream() as never,
    ) as ReadableStream<string>
  ) {
    const lines = (rest + text).split("\n");
    rest = lines.pop()!;
    yield* lines;
  }
  if (rest !== "") yield rest;
}

/** A line of words: something said, or a command with a slash. */
function wordsTurn(line: string): Turn {
  if (!line.startsWith("/")) return { kind: "say", text: line };
  const [word = "", ...rest] = line.split(/\s+/);
  const path = line.slice(word.length).trim();
  switch (word) {
    case "/quit":
    case "/reset":
    case "/help":
      return { kind: word.slice(1) as "quit" };
    case "/image":
    case "/video":
      if (rest.length === 0) break;
      return {
        kind: "show",
        item: word === "/image" ? { image: path } : { video: path },
      };
  }
  const known = "/image FILE, /video FILE, /reset, /help and /quit";
  const error = new RookeryError(
    "prompt",
    `Cannot do "${line}" as it is no command: there are ${known}`,
    { actual: line },
  );
  return { kind: "wrong", error };
}

function jsonTurn(line: string, place: string): Turn {
  try {
    const { text, image, video, reset } = asObject(
      parseJson(line, place),
      place,
    );
    if (reset === true) return { kind: "reset" };
    const path = image ?? video;
    if (path !== undefined && typeof path !== "string") {
      throw badItem(place, '"image" and "video" must be paths');
    }
    const item = path === undefined
      ? undefined
      : image === undefined
      ? { video: path }
      : { image: path };
    if (text === undefined && item) return { kind: "show", item };
    if (typeof text !== "string" || text.trim() === "") {
      throw badItem(
        place,
        `"text" is ${
          JSON.stringify(text)
        }: it must be a text that is not empty`,
      );
    }
    return item ? { kind: "say", text, item } : { kind: "say", text };
  } catch (error) {
    if (!(error instanceof RookeryError)) throw error;
    return { kind: "wrong", error };
  }
}
