/**
 * Lists of tokens as a trie, so that what they begin with in common is looked
 * at once.
 *
 * @module
 */

/** Tokens between two places where lists part or end. */
export interface TrieEdge {
  /** The tokens, at least one. */
  readonly tokens: readonly number[];
  /** Which lists go through it. */
  readonly lists: readonly number[];
  /** How they go on; nothing for lists that end with it. */
  readonly next: readonly TrieEdge[];
}

/** The edges that lists begin with; those of equal beginnings share edges. */
export function tokenTrie(
  lists: readonly (readonly number[])[],
): TrieEdge[] {
  return edgesFrom(lists, [...lists.keys()], 0);
}

function edgesFrom(
  lists: readonly (readonly number[])[],
  which: readonly number[],
  depth: number,
): TrieEdge[] {
  const going = which.filter((i) => lists[i]!.length > depth);
  const groups = Map.groupBy(going, (i) => lists[i]![depth]!);
  return [...groups.values()].map((members) => {
    const first = lists[members[0]!]!;
    let end = depth + 1;
    // A list that ends here has no token there, which differs from all others.
    while (
      end < first.length && members.every((i) => lists[i]![end] === first[end])
    ) end++;
    return {
      tokens: first.slice(depth, end),
      lists: members,
      next: edgesFrom(lists, members, end),
    };
  });
}
