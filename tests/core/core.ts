/**
 * What the tests of core read, in one import.
 *
 * @module
 */

export * from "../../core/mod.ts";
export { orderOf } from "../../core/graph.ts";
