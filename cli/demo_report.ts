/**
 * What the demo found: made by `run_demo.ts`, shown by the contact sheet and
 * the page.
 *
 * @module
 */

import type { Caption } from "../mod.ts";
import type { DemoTask, WordTask } from "./demo_list.ts";

/** A caption, judged. */
export interface JudgedCaption extends Omit<Caption, "samples"> {
  /** Whether it is the picture's label. */
  readonly isRight: boolean;
}

/** A picture with its captions. */
export interface DemoPicture extends DemoTask {
  /** Without examples. */
  readonly zeroShot: JudgedCaption;
  /** After four examples. */
  readonly fourShot: JudgedCaption;
}

/** The made-up word. */
export interface DemoWord extends WordTask {
  /** What the model wrote about the query. */
  readonly written: JudgedCaption;
  /** Mean log-likelihood a token of several made-up words, best first. */
  readonly ranking: readonly {
    readonly word: string;
    readonly score: number;
  }[];
  /** Whether the right word is ranked first. */
  readonly isRight: boolean;
}

/** Seconds of the demo's stages. */
export interface DemoSeconds {
  /** Opening the device. */
  readonly device: number;
  /** Weights to the device. */
  readonly load: number;
  /** From the program's start to the first caption. */
  readonly firstCaption: number;
  /** Reading and encoding pictures. */
  readonly pictures: number;
  /** Feeding prompts. */
  readonly prompts: number;
  /** Drawing tokens. */
  readonly text: number;
  /** From the program's start to the end. */
  readonly total: number;
}

/** All of it. */
export interface DemoReport {
  /** Name of the device. */
  readonly device: string;
  /** The model. */
  readonly model: string;
  /** Pictures in order. */
  readonly pictures: readonly DemoPicture[];
  /** The made-up word. */
  readonly word: DemoWord;
  /** Times. */
  readonly seconds: DemoSeconds;
  /** Tokens drawn a second, after each text's first. */
  readonly tokensPerSecond: number;
}

/** How many of the captions are right. */
export function rightCount(captions: readonly JudgedCaption[]): number {
  return captions.filter(({ isRight }) => isRight).length;
}

/** The report in one line each: scores, then times. */
export function summaryOf(report: DemoReport): [string, string] {
  const { pictures, word, seconds, tokensPerSecond } = report;
  const zero = rightCount(pictures.map(({ zeroShot }) => zeroShot));
  const four = rightCount(pictures.map(({ fourShot }) => fourShot));
  const learnt = word.isRight ? "learnt" : "not learnt";
  const show = (value: number): string => value.toFixed(1);
  return [
    `${zero} of ${pictures.length} right with 0 shots, ${four} with 4 shots; ` +
    `made-up word "${word.query.label}" ${learnt}`,
    `device ${show(seconds.device)} s, weights ${show(seconds.load)} s, ` +
    `pictures ${show(seconds.pictures)} s, prompts ${
      show(seconds.prompts)
    } s, ` +
    `text ${show(seconds.text)} s (${show(tokensPerSecond)} tokens/s), ` +
    `first caption after ${show(seconds.firstCaption)} s, ` +
    `total ${show(seconds.total)} s`,
  ];
}
