/**
 * All that a text encoder can do in one program: tells which weights it needs
 * before any of them is there.
 *
 * @module
 */

import { type Program, ProgramBuilder } from "../../core/program.ts";
import type { TextEncoder } from "../slots.ts";

/**
 * A text of one token, features of one picture, and the temperature.
 *
 * @param prefix of the weights' names
 */
export function twinProgram(text: TextEncoder, prefix: string): Program {
  const builder = new ProgramBuilder(`twin ${prefix}`);
  const ids = builder.input("ids", { dtype: "u32", shape: [1, 1] });
  const ends = builder.input("ends", { dtype: "u32", shape: [1] });
  const shape = [1, 1, text.visionWidth];
  const features = builder.input("features", { dtype: "f32", shape });
  builder.call(text.encode, prefix, { ids, ends });
  builder.call(text.project, prefix, { features });
  builder.call(text.temperature, prefix, {});
  return builder.build();
}
