/**
 * What a pickle may hold besides plain Python values, and the rules that say
 * which names it may mention.
 *
 * @module
 */

/** A class that a pickle may name, to hand it on; it cannot be called. */
export class PickleName {}

/** A function that a pickle may call: it builds values and does nothing else. */
export class PickleFunction {
  /** Value for the arguments; throws `TypeError` for wrong ones. */
  readonly call: (args: readonly unknown[]) => unknown;

  /** Made only for names in a list of rules. */
  constructor(call: (args: readonly unknown[]) => unknown) {
    this.call = call;
  }
}

/** A value that a pickle fills after it was made. */
export abstract class PickleObject {
  /** Takes the state; throws `TypeError` for a wrong one. */
  abstract setState(state: unknown): void;
}

/** A long byte string or text that was left where it lies in the file. */
export class BytesInFile {
  /** First byte in the file. */
  readonly start: number;
  /** Bytes in the file. */
  readonly length: number;
  /** Whether these are a text in UTF-8. */
  readonly isText: boolean;

  /** Made by the unpickler. */
  constructor(start: number, length: number, isText: boolean) {
    this.start = start;
    this.length = length;
    this.isText = isText;
  }
}

/** What one kind of pickle may hold. */
export interface PickleRules {
  /** Every global name that may be mentioned; all else is refused by name. */
  readonly globals: ReadonlyMap<string, PickleName | PickleFunction>;
  /** Completes "only …" in the message about another name, with a remedy. */
  readonly allowed: string;
  /** Value of a persistent id; throws `TypeError`. Left out, all are refused. */
  readonly persistent?: (id: unknown) => unknown;
  /** Strings of so many bytes are left in the file; none where left out. */
  readonly leftInFile?: number;
}
