/**
 * How much a precision changes what a real language model says of real text.
 *
 * @module
 */

import { assemble, type Device, type Flamingo } from "../../mod.ts";
import { smollm2Path } from "../../tests/support/weights.ts";
import { remembered } from "./remembered.ts";
import {
  compareTold,
  joinTold,
  type Told,
  type ToldAccuracy,
  toldBy,
} from "./told.ts";
import { WEIGHT_MODES } from "./weight_modes.ts";

/** Tokens that are fed together, each window with a past of its own. */
const WINDOW = 256;

/** Options of `measureText`. */
export interface MeasureTextOptions {
  /** Tokens, about. */
  readonly tokens: number;
  /** Receives lines about progress. */
  readonly say: (line: string) => void;
}

/** Measures all precisions on about so many tokens. */
export async function measureText(
  device: Device,
  texts: readonly string[],
  { tokens, say }: MeasureTextOptions,
): Promise<ToldAccuracy[]> {
  const rows: ToldAccuracy[] = [];
  let first: Told | undefined;
  for (const { name, dtype, activations } of WEIGHT_MODES) {
    const key = `text ${device.profile.name} ${tokens} ${name}`;
    const told = await remembered(key, async () => {
      const engine = { activations };
      const path = await smollm2Path();
      using model = await assemble(path, { device, dtype, engine });
      const share = Math.ceil(tokens / texts.length);
      const all: Told[] = [];
      for (const [i, text] of texts.entries()) {
        const own = () => tell(model, windowsOf(model, text, share));
        all.push(await remembered(`${key} part ${i}`, own));
      }
      return joinTold(all);
    });
    first ??= told;
    rows.push(compareTold(name, told, first));
    say(`text, ${name}: ${JSON.stringify(rows.at(-1))}`);
  }
  return rows;
}

function windowsOf(
  { tokenizer }: Flamingo,
  text: string,
  tokens: number,
): number[][] {
  const ids = tokenizer.encode(text).slice(0, tokens);
  const count = Math.ceil(ids.length / WINDOW);
  return Array.from(
    { length: count },
    (_, i) => ids.slice(i * WINDOW, (i + 1) * WINDOW),
  ).filter((window) => window.length > 1);
}

async function tell(
  { engine }: Flamingo,
  windows: readonly (readonly number[])[],
): Promise<Told> {
  const all: Told[] = [];
  for (const window of windows) {
    const sequence = engine.open();
    // The last token is only predicted.
    const tokens = window.slice(0, -1);
    const media = tokens.map(() => 0);
    const logits = await engine.logits(sequence, { tokens, media });
    engine.close(sequence);
    all.push(toldBy(logits, window.slice(1)));
  }
  return joinTold(all);
}
