import assert from "node:assert/strict";
import { createDevice, ProgramBuilder, type Template } from "../../core/mod.ts";
import { isGuarded } from "../../core/program.ts";
import { anyActive } from "../../ops/any_active.ts";
import { controlWidth } from "../../ops/control_row.ts";
import { readControlRow } from "../../ops/read_control_row.ts";
import { add } from "../../ops/add.ts";
import { sample } from "../../ops/sample.ts";
import { controlRows } from "../support/control_rows.ts";

const LIVE: Template = {
  name: "live",
  build: (_, { live, control }) => ({ live: anyActive(live!, control!) }),
};

const SUM: Template = {
  name: "sum",
  build: (_, { x, y }) => ({ sum: add(x!, y!) }),
};

const DRAW: Template = {
  name: "draw",
  build: (_, { control, x }) => ({ control: sample(control!, x!) }),
};

/** Two rows that draw, and a sum that nobody needs. */
function drawingProgram(isHeldBack: boolean) {
  const builder = new ProgramBuilder("draw");
  const x = builder.input("x", { dtype: "f32", shape: [2, 40] });
  const shape = [2, controlWidth(40)];
  const control = builder.state("control", { dtype: "u32", shape });
  const live = builder.state("live", { dtype: "u32", shape: [1] });
  const after = builder.call(LIVE, "", { live, control }).live!;
  if (isHeldBack) builder.guard(after);
  builder.call(DRAW, "", { control, x });
  builder.output("sum", builder.call(SUM, "", { x, y: x }).sum!);
  return builder.build();
}

for (const name of ["auto", "cpu"] as const) {
  Deno.test(`a program's guard holds back all but what writes it, on ${name}`, async () => {
    using device = await createDevice({ device: name });
    for (const isHeldBack of [true, false]) {
      using held = new DisposableStack();
      const program = drawingProgram(isHeldBack);
      const states = new Map(program.states.map(({ name, type }) => [
        name,
        held.use(device.createArray(type, name)),
      ]));
      const bindings = { weights: new Map(), states };
      const compiled = held.use(await device.compile(program, bindings));
      const sumAfter = async (steps: number, fill: number) => {
        compiled.write("x", new Float32Array(80).fill(fill));
        compiled.run(steps);
        return (await compiled.read("sum"))[0]![7];
      };
      states.get("control")!.write(controlRows([
        { count: 1, limit: 2 },
        { count: 1, limit: 3 },
      ], 40));
      assert.equal(await sumAfter(2, 1), 2);
      assert.equal((await states.get("live")!.read())[0], 1);
      assert.equal(await sumAfter(1, 2), 4);
      // From here on both rows are done.
      assert.equal(await sumAfter(1, 3), isHeldBack ? 4 : 6);
      assert.equal((await states.get("live")!.read())[0], 0);
      assert.equal(await sumAfter(60, 4), isHeldBack ? 4 : 8);
      const words = await states.get("control")!.read();
      const [width] = [controlWidth(40)];
      [2, 3].forEach((drawn, row) => {
        const state = readControlRow(
          words.slice(row * width, (row + 1) * width) as Uint32Array<
            ArrayBuffer
          >,
        );
        assert.equal(state.position, drawn);
        assert.equal(state.drawn, drawn);
        assert.equal(state.count, 0);
        assert.ok(state.isDone);
      });
    }
  });
}

Deno.test("isGuarded() leaves out the segment that writes the guard", () => {
  const program = drawingProgram(true);
  const names = program.segments.filter((each) => isGuarded(each, program))
    .map(({ trace }) => trace.name);
  assert.deepEqual(names, ["draw", "sum"]);
  const free = drawingProgram(false);
  assert.ok(free.segments.every((each) => !isGuarded(each, free)));
});
