/**
 * What either layout of `torch.save` gives.
 *
 * @module
 */

/** An unpickled object, and where the bytes of its storages begin. */
export interface SavedObject {
  /** Value of the pickle. */
  readonly value: unknown;
  /** First byte in the file of each storage, by key. */
  readonly places: ReadonlyMap<string, number>;
}
