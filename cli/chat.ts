/**
 * `chat`: a conversation about pictures, line by line.
 *
 * @module
 */

import { Conversation, RookeryError } from "../mod.ts";
import { chatTurns, type Turn } from "./chat_turns.ts";
import { type Command, defineCommand, type Output } from "./command.ts";
import { EXIT } from "./exit_code.ts";
import { checkEyes, MODEL_OPTIONS, openModel } from "./model_options.ts";
import { STYLE_OPTION } from "./model_options.ts";
import { SAMPLER_OPTIONS, samplerOf } from "./sampler_options.ts";

/** The command. */
export const chatCommand: Command = defineCommand({
  name: "chat",
  summary: "Talk about pictures, line by line",
  options: {
    lines: {
      type: "text",
      value: "FILE",
      help: "Read what is said from a file, not from the keyboard",
    },
    ...SAMPLER_OPTIONS,
    json: {
      type: "flag",
      help: 'Read and write JSON lines: {"text", "image"} and {"text", …}',
    },
    ...STYLE_OPTION,
    ...MODEL_OPTIONS,
  },
  examples: ["chat", "chat --lines questions.txt", "chat --json < turns.jsonl"],
  async run({ options }, output) {
    const samplerFor = samplerOf(options);
    using opened = await openModel(options, output);
    const { model } = opened;
    checkEyes(model, options.model);
    const talk = new Conversation(model);
    const settings = { maxTokens: 64, ...samplerFor(model) };
    let code: number = EXIT.done;
    const isTold = !options.json && options.lines === undefined &&
      Deno.stdin.isTerminal();
    if (isTold) output.note(HELP);
    for await (const turn of chatTurns(options, isTold ? output : undefined)) {
      if (turn.kind === "quit") break;
      try {
        await takeTurn(talk, turn, { settings, output, json: options.json });
      } catch (error) {
        if (!(error instanceof RookeryError)) throw error;
        // The conversation is as it was before this turn.
        output.note(`${error.message}\n`);
        if (options.json) {
          output.write(`${JSON.stringify({ error: error.message })}\n`);
        }
        if (!isTold) code = EXIT.failed;
      }
    }
    return code;
  },
});

const HELP =
  "/image FILE shows a picture, /video FILE a video, /reset begins " +
  "anew, /quit ends.\n";

async function takeTurn(
  talk: Conversation,
  turn: Turn,
  { settings, output, json }: {
    readonly settings: Parameters<Conversation["say"]>[1];
    readonly output: Output;
    readonly json: boolean;
  },
): Promise<void> {
  if (turn.kind === "wrong") throw turn.error;
  if (turn.kind === "help") return output.note(HELP);
  if (turn.kind === "reset") return talk.reset();
  if (turn.kind === "show") return await talk.show(turn.item);
  if (turn.kind !== "say") return;
  if (turn.item) await talk.show(turn.item);
  const { text, tokens, hitTokens } = await talk.say(turn.text, {
    ...settings,
    onText: (piece) => json ? undefined : output.write(piece),
  });
  output.write(
    json ? `${JSON.stringify({ text, tokens, hitTokens })}\n` : "\n",
  );
}
