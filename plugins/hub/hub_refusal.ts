/**
 * What the hub's refusals mean, and what to do about them.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import { didYouMean } from "../nearest_name.ts";
import type { HubConnection } from "./hub_connection.ts";
import { DEFAULT_REVISION, type HubSource } from "./hub_name.ts";

/** The most models that are looked at for one of a near name. */
const MOST_FOUND = 50;

/**
 * The error for an answer that is no success.
 *
 * The hub answers 401 for models that do not exist too, so that nobody learns
 * the names of private ones.
 */
export async function hubRefusal(
  response: Response,
  source: HubSource,
  connection: HubConnection,
): Promise<RookeryError> {
  const { status, headers } = response;
  const code = headers.get("x-error-code") ?? "";
  const said = headers.get("x-error-message") ?? "";
  const refuse = (reason: string) =>
    new RookeryError("file", `Cannot pull ${source.hub} as ${reason}`, {
      path: source.hub,
      actual: { status, code, said },
    });
  if (code === "GatedRepo") return refuse(gated(source, connection));
  if (code === "EntryNotFound") {
    return refuse(`the hub has no file "${source.file}" of it any more`);
  }
  if (code === "RevisionNotFound") {
    return refuse(await noRevision(source, connection));
  }
  if (status === 404 && code !== "RepoNotFound") {
    const known = await revisionsOf(source, connection);
    if (known.length > 0) return refuse(await noRevision(source, connection));
  }
  if (status === 401 || status === 404) {
    return refuse(await noModel(source, status, connection));
  }
  if (status === 403) return refuse(gated(source, connection));
  return refuse(
    `the hub answers with status ${status}${said && ` (${said})`}: try again ` +
      "later, or look at its page",
  );
}

function gated(
  { hub }: HubSource,
  { settings: { endpoint, token } }: HubConnection,
): string {
  return `its owner decides who may have it: sign in at ${endpoint}/${hub} ` +
    `and accept its terms, then ${howToToken(endpoint, token)}`;
}

function howToToken(endpoint: string, token: string | undefined): string {
  const make = `make a token that may read at ${endpoint}/settings/tokens ` +
    "and set HF_TOKEN to it";
  return token === undefined ? make : `${make} (the present one was refused)`;
}

async function noModel(
  { hub }: HubSource,
  status: number,
  connection: HubConnection,
): Promise<string> {
  const { endpoint, token } = connection.settings;
  const near = didYouMean(hub, await modelsLike(hub, connection));
  const remedy = `correct the name; for a private or gated model ` +
    howToToken(endpoint, token);
  return status === 401
    ? `the hub shows no such model${near} to this user (401: it does not ` +
      `exist, is private, or the token is wrong): ${remedy}`
    : `there is no such model${near}: ${remedy}`;
}

async function noRevision(
  source: HubSource,
  connection: HubConnection,
): Promise<string> {
  const { revision = DEFAULT_REVISION } = source;
  const known = await revisionsOf(source, connection);
  const some = known.slice(0, 10).join(", ");
  return `it has no revision "${revision}"${didYouMean(revision, known)}: ` +
    `use a branch, a tag or a full commit${some && ` (it has ${some})`}`;
}

/** Branches and tags; none where they cannot be had. */
async function revisionsOf(
  { hub }: HubSource,
  connection: HubConnection,
): Promise<string[]> {
  const url = `${connection.settings.endpoint}/api/models/${hub}/refs`;
  try {
    const { branches, tags } = await (await connection.fetch(url)).json();
    return [...branches, ...tags].map(({ name }) => name)
      .filter((name) => typeof name === "string");
  } catch {
    return [];
  }
}

/** Names of models that the hub finds for a name; none where it finds none. */
async function modelsLike(
  hub: string,
  connection: HubConnection,
): Promise<string[]> {
  const { listModels } = await import("@huggingface/hub");
  const found = listModels({
    search: { query: hub.split("/").at(-1)! },
    limit: MOST_FOUND,
    hubUrl: connection.settings.endpoint,
    fetch: (url, init) => connection.fetch(url as string, init?.headers),
  });
  try {
    return (await Array.fromAsync(found)).map(({ name }) => name);
  } catch {
    return [];
  }
}
