/**
 * What a report shows.
 *
 * @module
 */

import type { Media } from "../../models/flamingo/media.ts";
import type { Explanation } from "../../models/seeing/explain.ts";
import type { ExplainedWord } from "../../models/seeing/explained_words.ts";

/** A text that a model gave. */
export interface ReportAnswer {
  /** How it came about, e.g. `4 shots`. */
  readonly name?: string | undefined;
  /** The text. */
  readonly text: string;
  /** Whether it is right; undefined where nobody knows. */
  readonly isRight?: boolean | undefined;
}

/** A picture with a word to it. */
export interface ReportPicture {
  /** The picture. */
  readonly image: Media;
  /** What it shows. */
  readonly label: string;
}

/** An explanation; tokens are not shown, and may be left out. */
export interface ReportExplanation extends Pick<Explanation, "gates"> {
  /** Its words. */
  readonly words: readonly Omit<ExplainedWord, "tokens">[];
}

/** One picture and what came of it. */
export interface ReportRow {
  /** The picture, where it can be shown. */
  readonly image?: Media | undefined;
  /** What stands under it: its label, or its name. */
  readonly label: string;
  /** What else is to be said. */
  readonly note?: string | undefined;
  /** What was asked about it. */
  readonly question?: string | undefined;
  /** The model's answers. */
  readonly answers?: readonly ReportAnswer[];
  /** The examples before it. */
  readonly shots?: readonly ReportPicture[];
  /** Scores of what was ranked. */
  readonly scores?: Readonly<Record<string, number>> | undefined;
  /** What the model looked at. */
  readonly explanation?: ReportExplanation | undefined;
  /** Why there is no answer. */
  readonly error?: string | undefined;
}

/** Rows that belong together. */
export interface ReportSection {
  /** Heading. */
  readonly title: string;
  /** What is to be said about all of them. */
  readonly note?: string;
  /** The rows. */
  readonly rows: readonly ReportRow[];
}

/** A score that depends on a number. */
export interface ReportCurve {
  /** What it is of. */
  readonly name: string;
  /** Points with their intervals, by rising `x`. */
  readonly points: readonly {
    readonly x: number;
    readonly mean: number;
    readonly low: number;
    readonly high: number;
  }[];
}

/** Curves in one plot. */
export interface ReportPlot {
  /** Heading. */
  readonly title: string;
  /** What stands under the axis, e.g. `shots`. */
  readonly xName: string;
  /** What stands beside it, e.g. `right answers`; 1 is 100 %. */
  readonly yName: string;
  /** The curves, at most eight. */
  readonly curves: readonly ReportCurve[];
}

/** A table of texts. */
export interface ReportTable {
  /** Heading. */
  readonly title: string;
  /** Heads of the columns. */
  readonly heads: readonly string[];
  /** Rows of cells. */
  readonly rows: readonly (readonly string[])[];
}

/** Labels that were given, and what was said. */
export interface ReportConfusion {
  /** Right labels. */
  readonly truth: readonly string[];
  /** Answers, in the same order. */
  readonly predictions: readonly string[];
}

/** A report of any task. */
export interface Report {
  /** Heading of the page. */
  readonly title: string;
  /** Sentences below it: what was found. */
  readonly lead?: readonly string[];
  /** In small letters: model, device, options. */
  readonly facts?: string;
  /** Tables. */
  readonly tables?: readonly ReportTable[];
  /** Plots. */
  readonly plots?: readonly ReportPlot[];
  /** Shown as a matrix. */
  readonly confusion?: ReportConfusion | undefined;
  /** Pictures. */
  readonly sections: readonly ReportSection[];
}
