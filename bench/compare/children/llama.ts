/**
 * Runs SmolLM2 with llama.cpp, from the file that Rookery reads too.
 *
 * @module
 */

// deno-lint-ignore-file no-explicit-any -- the package is loaded by path, without its types
import { promptOf } from "../prompt_of.ts";
import type { Workload } from "../workload.ts";
import { type Cannot, type Prepared, serveRequests } from "./serve_requests.ts";

/** Tokens drawn between two waits. */
const DRAWN = 16;

const [folder, backend, modelPath] = Deno.args;
const { getLlama }: any = await import(
  `file://${folder}/node_modules/node-llama-cpp/dist/index.js`
);
const gpu = backend === "vulkan" ? "vulkan" : false;
let model: any;
await serveRequests(prepare);

async function prepare(workload: Workload): Promise<Prepared | Cannot> {
  const { kind, format, sizes } = workload;
  const isOurs = kind === "prefill" || kind === "decode";
  if (!isOurs || format !== "q4_1" || sizes.b !== 1) {
    return { cannot: "does whole language models; here one row of Q4_1" };
  }
  model ??= await loadModel();
  const context = await model.createContext({
    contextSize: sizes.s! + sizes.l! + 64,
    batchSize: 512,
    threads: 2,
  });
  const sequence = context.getSequence();
  const prepared = kind === "prefill"
    ? prefill(sequence, sizes.l!)
    : decode(sequence, sizes.s!, gpu ? 4 : DRAWN);
  return { ...prepared, close: () => context.dispose() };
}

async function loadModel(): Promise<any> {
  const llama = await getLlama({
    gpu,
    build: "never",
    skipDownload: true,
    logLevel: "error",
    progressLogs: false,
  });
  if (llama.gpu !== gpu) throw new Error(`llama.cpp has no ${backend} here`);
  return await llama.loadModel({ modelPath, gpuLayers: gpu ? "max" : 0 });
}

/** The whole prompt, and the first token drawn. */
function prefill(sequence: any, length: number): Prepared {
  const once = async (): Promise<number[]> => {
    await sequence.clearHistory();
    return await draw(sequence, promptOf(length), 1);
  };
  return {
    async run(times: number): Promise<void> {
      for (let i = 0; i < times; i++) await once();
    },
    output: once,
  };
}

/** Tokens after a prompt of `length`; what was drawn is forgotten again. */
function decode(sequence: any, length: number, drawn: number): Prepared {
  let isFilled = false;
  const once = async (): Promise<number[]> => {
    const prompt = promptOf(length);
    if (!isFilled) {
      await sequence.clearHistory();
      await sequence.evaluateWithoutGeneratingNewTokens(prompt.slice(0, -1));
      isFilled = true;
    }
    const tokens = await draw(sequence, prompt.slice(-1), drawn);
    const end = sequence.nextTokenIndex;
    await sequence.eraseContextTokenRanges([{ start: length - 1, end }]);
    return tokens;
  };
  return {
    async run(times: number): Promise<void> {
      for (let i = 0; i < times; i++) await once();
    },
    output: once,
    perRun: drawn,
  };
}

async function draw(
  sequence: any,
  tokens: readonly number[],
  count: number,
): Promise<number[]> {
  const drawn: number[] = [];
  for await (const token of sequence.evaluate(tokens, { temperature: 0 })) {
    drawn.push(token);
    if (drawn.length === count) break;
  }
  return drawn;
}
