/**
 * Generations of mixed shape, one after the other and side by side, and what
 * they leave behind.
 *
 * @module
 */

import {
  type Device,
  type Flamingo,
  type Media,
  type PromptItem,
  PromptScheduler,
  RookeryError,
  type SamplerSettings,
  writeBeams,
  writeSamples,
} from "../../mod.ts";
import { createRandom } from "./random.ts";
import { tinyPicture } from "./tiny_model.ts";

/** What is held at some point. */
export interface SoakPoint {
  /** Generations that ended. */
  readonly done: number;
  /** Bytes that the device holds. */
  readonly deviceBytes: number;
  /** Pages and picture slots that neither are free nor kept by caches. */
  readonly heldPlaces: number;
  /** Captured programs. */
  readonly programs: number;
  /** Bytes of the process. */
  readonly rssBytes: number;
  /** Bytes of JavaScript objects. */
  readonly heapBytes: number;
}

/** Requests that are submitted together. */
const TOGETHER = 20;

/** Different pictures: more than the media cache of the test keeps. */
const PICTURES = 40;

/**
 * Runs `count` generations and calls `tell` after every `every` of them, when
 * nobody is left. Gives how many failed, as some are meant to.
 */
export async function soak(
  device: Device,
  model: Flamingo,
  { count, every, tell }: {
    readonly count: number;
    readonly every: number;
    readonly tell: (point: SoakPoint) => void;
  },
): Promise<number> {
  const random = createRandom(11);
  const pick = (most: number): number => Math.floor(random() * most);
  const pictures = Array.from({ length: PICTURES }, (_, i) => tinyPicture(i));
  const scheduler = new PromptScheduler(model, { mostRows: 12 });
  let failed = 0;
  for (let done = 0; done < count;) {
    const own: Promise<unknown>[] = [];
    for (let i = 0; i < TOGETHER && done < count; i++, done++) {
      const items = promptOf(pick, pictures);
      own.push(generation(model, scheduler, items, pick));
    }
    const ends = await Promise.allSettled(own);
    for (const end of ends) {
      if (end.status === "fulfilled") continue;
      if (!(end.reason instanceof RookeryError)) throw end.reason;
      failed++;
    }
    if (done % every === 0) tell(pointOf(device, model, done));
  }
  return failed;
}

type Pick = (most: number) => number;

function promptOf(
  pick: Pick,
  pictures: readonly ReturnType<typeof tinyPicture>[],
): PromptItem<Media>[] {
  const items: PromptItem<Media>[] = [{ text: "x".repeat(1 + pick(50)) }];
  for (let i = pick(4); i > 0; i--) {
    items.push({ image: pictures[pick(PICTURES)]! });
    items.push({ text: "abc".slice(pick(3)) });
  }
  return items;
}

/** One generation of some kind: plain, aborted, beams, samples, impossible. */
async function generation(
  model: Flamingo,
  scheduler: PromptScheduler,
  items: readonly PromptItem<Media>[],
  pick: Pick,
): Promise<unknown> {
  const settings: SamplerSettings = {
    maxTokens: 1 + pick(10),
    ...(pick(2) === 0 ? { temperature: 1, seed: pick(100) } : {}),
    ...(pick(4) === 0 ? { stopStrings: ["a", "Zz"] } : {}),
    ...(pick(5) === 0 ? { presencePenalty: 1, topLogprobs: 3 } : {}),
  };
  const { maxTokens } = settings as { maxTokens: number };
  switch (pick(20)) {
    case 0: {
      const abort = new AbortController(), { signal } = abort;
      const text = scheduler.submit(items, settings, { signal });
      setTimeout(() => abort.abort(), pick(30));
      return await text.result;
    }
    case 1:
      return await writeBeams(model, items, { maxTokens }, { beams: 3 });
    case 2:
      return await writeSamples(model, items, settings, { count: 3 });
    case 3:
      return await scheduler.submit([{ text: "y".repeat(9999) }]).result;
    case 4:
      return await scheduler.submit([{ image: "none.png" }]).result;
    default:
      return await scheduler.submit(items, settings).result;
  }
}

function pointOf(device: Device, model: Flamingo, done: number): SoakPoint {
  const { pages, media, programs } = model.engine.memory();
  const { rss, heapUsed } = Deno.memoryUsage();
  return {
    done,
    deviceBytes: device.memory.heldBytes,
    heldPlaces: pages.size - pages.free - pages.kept +
      media.size - media.free - media.kept,
    programs,
    rssBytes: rss,
    heapBytes: heapUsed,
  };
}
