/**
 * Requests to the hub: with the token, where it belongs; tried again where the
 * failure may pass; given up where nothing comes.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { HubSettings } from "./hub_settings.ts";
import { backOff, type RetryPolicy } from "./retry_policy.ts";

/** An answer whose body comes piece by piece. */
export interface HubAnswer {
  /** The answer's status and headers; its body is read by `chunks`. */
  readonly response: Response;
  /**
   * The body's pieces. Throws where the connection is cut or brings nothing for
   * too long; ends early where the server ends early.
   */
  chunks(): AsyncGenerator<Uint8Array>;
  /** Ends the connection; what was not read is lost. */
  close(): void;
}

/** What a request may add. */
export interface HubRequest {
  /** Headers beside the token. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the request. */
  readonly signal?: AbortSignal | undefined;
}

/** The hub at one address, asked in one way. */
export class HubConnection {
  /** Address, token, and whether the network may be used. */
  readonly settings: HubSettings;
  /** How often a request is tried. */
  readonly retry: RetryPolicy;

  /** Connects to nothing yet. */
  constructor(settings: HubSettings, retry: RetryPolicy) {
    this.settings = settings;
    this.retry = retry;
  }

  /**
   * The answer of a URL, whatever its status but for those that may pass (429
   * and from 500): these are tried again.
   *
   * @throws {RookeryError} `file` where no answer comes, or offline
   */
  async open(url: string, request: HubRequest = {}): Promise<HubAnswer> {
    if (this.settings.isOffline) throw isOffline(url);
    for (let attempt = 1;; attempt++) {
      let askedMs = 0;
      let reason: string;
      try {
        const answer = await this.#once(url, request);
        const { status, headers } = answer.response;
        if (status !== 429 && status < 500) return answer;
        answer.close();
        askedMs = 1000 * (Number(headers.get("retry-after")) || 0);
        reason = `it answers with status ${status}`;
      } catch (error) {
        request.signal?.throwIfAborted();
        reason = reasonOf(error);
      }
      if (attempt >= this.retry.attempts) throw unreachable(url, reason);
      const { signal } = request;
      await backOff(this.retry, attempt, { askedMs, signal });
    }
  }

  /** As `fetch`, with the whole body read, as the hub's library wants it. */
  async fetch(url: string | URL, headers?: HeadersInit): Promise<Response> {
    const given = Object.fromEntries(new Headers(headers));
    for (let attempt = 1;; attempt++) {
      const { response, chunks } = await this.open(String(url), {
        headers: given,
      });
      const { status } = response;
      try {
        const body = new Blob(await Array.fromAsync(chunks(), copied));
        return new Response(status === 204 ? null : body, {
          status,
          headers: response.headers,
        });
      } catch (error) {
        const reason = reasonOf(error);
        if (attempt >= this.retry.attempts) {
          throw unreachable(String(url), reason);
        }
        await backOff(this.retry, attempt);
      }
    }
  }

  async #once(
    url: string,
    { headers, signal }: HubRequest,
  ): Promise<HubAnswer> {
    const { token, endpoint } = this.settings;
    // Only the hub itself may see the token; redirects to other hosts drop it.
    const isOwn = new URL(url).origin === new URL(endpoint).origin;
    const stall = new Stall(this.retry.stallMs);
    const response = await fetch(url, {
      headers: {
        "user-agent": "rookery",
        // A length that is counted must be that of the file.
        "accept-encoding": "identity",
        ...headers,
        ...(token !== undefined && isOwn
          ? { authorization: `Bearer ${token}` }
          : {}),
      },
      signal: signal ? AbortSignal.any([signal, stall.signal]) : stall.signal,
    }).finally(() => stall.rest());
    return {
      response,
      chunks: () => watched(response.body, stall),
      close: () => stall.end(),
    };
  }
}

/** Ends a request that brings nothing for too long. */
class Stall {
  readonly #control = new AbortController();
  readonly #ms: number;
  #timer: ReturnType<typeof setTimeout> | undefined;

  constructor(ms: number) {
    this.#ms = ms;
    this.watch();
  }

  get signal(): AbortSignal {
    return this.#control.signal;
  }

  watch(): void {
    this.rest();
    this.#timer = setTimeout(() => {
      const seconds = this.#ms / 1000;
      this.#control.abort(new Error(`nothing came for ${seconds} s`));
    }, this.#ms);
  }

  rest(): void {
    clearTimeout(this.#timer);
  }

  end(): void {
    this.rest();
    this.#control.abort(new Error("the connection was closed"));
  }
}

async function* watched(
  body: ReadableStream<Uint8Array> | null,
  stall: Stall,
): AsyncGenerator<Uint8Array> {
  try {
    stall.watch();
    for await (const chunk of body ?? []) {
      stall.rest(); // a slow disk is no slow server
      yield chunk;
      stall.watch();
    }
  } finally {
    stall.rest();
  }
}

function copied(chunk: Uint8Array): Uint8Array<ArrayBuffer> {
  return chunk.slice();
}

/** An error of a connection in words, without the address in it. */
export function reasonOf(error: unknown): string {
  let text = error instanceof Error ? error.message : String(error);
  // fetch() itself says only that it failed.
  if (error instanceof Error && error.cause instanceof Error) {
    text += `: ${error.cause.message}`;
  }
  return text.replace(
    /^error sending request (?:from \S+ )?for url \(.*?\): /,
    "",
  );
}

function unreachable(url: string, reason: string): RookeryError {
  return new RookeryError(
    "file",
    `Cannot reach ${new URL(url).origin} as ${reason}: check the network and ` +
      "the address (--endpoint, HF_ENDPOINT), then run the same command again; " +
      "--offline uses what was pulled before",
    { path: url, actual: reason },
  );
}

function isOffline(url: string): RookeryError {
  return new RookeryError(
    "file",
    `Cannot reach ${new URL(url).origin} as offline mode is on: leave ` +
      "--offline and HF_HUB_OFFLINE away",
    { path: url },
  );
}
