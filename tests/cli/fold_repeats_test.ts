import assert from "node:assert/strict";
import fc from "fast-check";
import {
  type Folded,
  foldedRows,
  foldRepeats,
} from "../../cli/fold_repeats.ts";

function fold(text: string): string {
  const show = (folded: readonly Folded<string>[]): string =>
    folded.map((each) =>
      "item" in each ? each.item : `${each.times}(${show(each.items)})`
    ).join("");
  return show(foldRepeats([...text], (letter) => letter));
}

Deno.test("foldRepeats() folds runs, and runs within runs", () => {
  assert.equal(fold("abc"), "abc");
  assert.equal(fold("aaaa"), "4(a)");
  assert.equal(fold("e" + "gl".repeat(24) + "h"), "e24(gl)h");
  assert.equal(fold("g" + "llllll".repeat(2)), "g12(l)");
  assert.equal(fold("glll".repeat(3) + "gll"), "3(g3(l))g2(l)");
  assert.equal(fold(""), "");
});

Deno.test("foldRepeats() loses nothing and invents nothing", () => {
  const unfold = (folded: readonly Folded<string>[]): string =>
    folded.map((each) =>
      "item" in each ? each.item : unfold(each.items).repeat(each.times)
    ).join("");
  const letters = fc.array(fc.constantFrom("a", "b", "c"), { maxLength: 40 });
  fc.assert(
    fc.property(letters, (list) => {
      const folded = foldRepeats(list, (letter) => letter);
      assert.equal(unfold(folded), list.join(""));
      const { rows, brackets } = foldedRows(folded);
      for (const { item, index } of rows) assert.equal(item, list[index]);
      for (const { from, to, times } of brackets) {
        assert(from <= to && to < rows.length && times > 1);
      }
    }),
    { seed: 1 },
  );
});
