/**
 * Runs workloads with Rookery: this commit's, or an older one's, whose folder
 * is the first argument. So nothing of it is imported by name.
 *
 * @module
 */

import type * as Rookery from "../../../mod.ts";
import { promptOf } from "../prompt_of.ts";
import { seededValues } from "../seeded_values.ts";
import type { Workload } from "../workload.ts";
import { type Ops, type OpWork, opWork } from "./rookery_ops.ts";
import { type Cannot, type Prepared, serveRequests } from "./serve_requests.ts";

/** Tokens drawn between two waits. */
const DRAWN = 16;

const [root, modelPath] = Deno.args;
const { createDevice, assemble, ProgramBuilder, inMemory, ops } = await import(
  `${root}/mod.ts`
) as typeof Rookery;
const { layoutNamed } = await import(
  `${root}/core/layouts/layout_named.ts`
) as typeof import("../../../core/layouts/layout_named.ts");
const device = await createDevice({ device: "auto" });
let model: Awaited<ReturnType<typeof assemble>> | undefined;
await serveRequests(prepare);

async function prepare(
  workload: Workload,
  seed: number,
): Promise<Prepared | Cannot> {
  const { kind, sizes } = workload;
  if (kind === "prefill" || kind === "decode") {
    model ??= await assemble(modelPath!, { device });
    const { engine } = model;
    if (kind === "prefill") return prefill(engine, sizes.l!);
    return decode(engine, sizes.s!, sizes.b!);
  }
  const work = opWork(
    workload,
    ops as unknown as Ops,
    (n, i) => seededValues(n, seed + i),
  );
  if (work === undefined) return { cannot: `has no ${kind} in this bench` };
  return await prepareOp(workload, work);
}

/** An op as a program of one segment. */
async function prepareOp(
  workload: Workload,
  work: OpWork,
): Promise<Prepared> {
  using held = new DisposableStack();
  const builder = new ProgramBuilder(workload.name);
  const inputs = Object.fromEntries(
    work.inputs.map(({ name, type }) =>
      [name, builder.input(name, type)] as const
    ),
  );
  const template: Rookery.Template = {
    name: workload.kind,
    build: (scope, values) => ({ y: work.compute(values, scope) }),
  };
  const y = builder.call(template, "", inputs).y!;
  builder.output("y", y);
  const corner: Rookery.Template = {
    name: "corner",
    build(_, { whole }) {
      let part = whole!;
      for (let axis = 0; axis < part.shape.length; axis++) {
        part = ops.slice(part, { axis, start: 0, end: 1 });
      }
      return { corner: part };
    },
  };
  // One value is read back, so that the wait is for work and not for a copy.
  const { corner: one } = builder.call(corner, "", { whole: y });
  builder.output("corner", one!);
  const weights = new Map<string, Rookery.DeviceWeight>();
  for (const { name, shape, values, isPacked } of work.weights ?? []) {
    const layout = isPacked ? layoutNamed(workload.format) : undefined;
    const need = { name, shape, isPacked };
    const stored = inMemory(name, shape, values);
    weights.set(name, held.use(await device.loadWeight(need, stored, layout)));
  }
  const states = new Map<string, Rookery.DeviceArray>();
  const program = held.use(
    await device.compile(builder.build(), { weights, states }),
  );
  for (const { name, values } of work.inputs) program.write(name, values);
  const all = held.move();
  return {
    async run(times: number): Promise<void> {
      program.run(times);
      await program.read("corner");
    },
    async output(): Promise<ArrayLike<number>> {
      program.run();
      const [values] = await program.read("y");
      return work.arrange?.(values as Float32Array) ?? values!;
    },
    close: () => all.dispose(),
  };
}

type Engine = Rookery.Engine;

function chunkOf(length: number): { tokens: number[]; media: number[] } {
  const tokens = promptOf(length);
  return { tokens, media: tokens.map(() => 0) };
}

/** The whole prompt, and the first token drawn. */
function prefill(engine: Engine, length: number): Prepared {
  const once = async (): Promise<number[]> => {
    const sequence = engine.open();
    await engine.step([{ sequence, chunk: chunkOf(length), draws: 1 }]);
    const tokens = sequence.samples.map(({ token }) => token);
    engine.close(sequence);
    return tokens;
  };
  return {
    async run(times: number): Promise<void> {
      for (let i = 0; i < times; i++) await once();
    },
    output: once,
  };
}

/** Rows that draw after a prompt of `length`; each run starts from a fork. */
async function decode(
  engine: Engine,
  length: number,
  rows: number,
): Promise<Prepared> {
  const past = engine.open();
  await engine.step([{ sequence: past, chunk: chunkOf(length - 1), draws: 0 }]);
  const [last] = promptOf(length).slice(-1);
  const chunk = { tokens: [last!], media: [0] };
  const once = async (): Promise<number[]> => {
    const settings = { maxTokens: DRAWN };
    const open = await Promise.all(
      Array.from({ length: rows }, () => engine.fork(past, settings)),
    );
    await engine.step(
      open.map((sequence) => ({ sequence, chunk, draws: DRAWN })),
    );
    const tokens = open[0]!.samples.map(({ token }) => token);
    for (const sequence of open) engine.close(sequence);
    return tokens;
  };
  return {
    async run(times: number): Promise<void> {
      for (let i = 0; i < times; i++) await once();
    },
    output: once,
    perRun: DRAWN,
    close: () => engine.close(past),
  };
}
