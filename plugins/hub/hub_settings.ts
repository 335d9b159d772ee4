/**
 * Which hub, which cache, which token, and whether the network may be used: by
 * option, else by the variables that the hub's own programs read.
 *
 * @module
 */

import { homedir } from "node:os";
import { join, resolve } from "node:path";
import { RookeryError } from "../../core/errors.ts";

/** The hub's public address. */
export const PUBLIC_HUB = "https://huggingface.co";

/** Where models are kept and where they come from. */
export interface HubOptions {
  /**
   * Folder of the hub's cache. Left out, `HF_HUB_CACHE`, else `hub` in
   * `HF_HOME`, else `~/.cache/huggingface/hub`.
   */
  readonly hubCacheDir?: string;
  /** Address of the hub. Left out, `HF_ENDPOINT`, else the public one. */
  readonly endpoint?: string;
  /**
   * Token of access, `""` for none. Left out, `HF_TOKEN`,
   * `HUGGING_FACE_HUB_TOKEN`, else the file that `hf auth login` writes.
   */
  readonly token?: string;
  /** Whether the network is left alone. Left out, `HF_HUB_OFFLINE`. */
  readonly isOffline?: boolean;
}

/** Options with every gap filled. */
export interface HubSettings {
  /** Folder of the hub's cache. */
  readonly cacheDir: string;
  /** Address of the hub, without a slash at its end. */
  readonly endpoint: string;
  /** Token of access. */
  readonly token: string | undefined;
  /** Whether the network is left alone. */
  readonly isOffline: boolean;
}

/**
 * Fills the gaps of options from the environment.
 *
 * @throws {RookeryError} `usage` for an address that is none
 */
export async function hubSettings(options: HubOptions): Promise<HubSettings> {
  return {
    cacheDir: hubCacheFolder(options),
    endpoint: endpointOf(options.endpoint),
    token: options.token === undefined
      ? await knownToken()
      : clean(options.token),
    isOffline: options.isOffline ??
      (isTrue("HF_HUB_OFFLINE") || isTrue("TRANSFORMERS_OFFLINE")),
  };
}

/** The folder of the hub's cache; an empty variable counts as unset. */
export function hubCacheFolder({ hubCacheDir }: HubOptions): string {
  const named = hubCacheDir ||
    variable("HF_HUB_CACHE") || variable("HUGGINGFACE_HUB_CACHE");
  return named ? resolve(fromHome(named)) : join(homeOfHub(), "hub");
}

function homeOfHub(): string {
  const own = variable("HF_HOME");
  if (own) return resolve(fromHome(own));
  const shared = variable("XDG_CACHE_HOME") ?? "~/.cache";
  return resolve(fromHome(shared), "huggingface");
}

async function knownToken(): Promise<string | undefined> {
  const given = variable("HF_TOKEN") ?? variable("HUGGING_FACE_HUB_TOKEN");
  if (given !== undefined) return clean(given);
  const path = variable("HF_TOKEN_PATH");
  const file = path ? resolve(fromHome(path)) : join(homeOfHub(), "token");
  const text = await Deno.readTextFile(file).catch(() => "");
  return clean(text);
}

/** A line break in a copied token would end the request's header. */
function clean(token: string): string | undefined {
  return token.replaceAll(/[\r\n]/g, "").trim() || undefined;
}

function endpointOf(given: string | undefined): string {
  const text = given || variable("HF_ENDPOINT") || PUBLIC_HUB;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url !== undefined && /^https?:$/.test(url.protocol)) {
    return url.href.replace(/\/+$/, "");
  }
  throw new RookeryError(
    "usage",
    `Cannot use "${text}" as the address of a hub as it is no http or https ` +
      "URL: correct --endpoint or HF_ENDPOINT",
    { expected: PUBLIC_HUB, actual: text },
  );
}

function fromHome(path: string): string {
  return path === "~" || path.startsWith("~/")
    ? join(homedir(), path.slice(1))
    : path;
}

function variable(name: string): string | undefined {
  return Deno.env.get(name) || undefined;
}

function isTrue(name: string): boolean {
  return /^(?:1|on|yes|true)$/i.test(variable(name) ?? "");
}
