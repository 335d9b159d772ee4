/**
 * What the hub knows of one model: the commit of a revision, the files of a
 * commit, their bytes. Names and lists come by the hub's own library.
 *
 * @module
 */

import { RookeryError } from "../../core/errors.ts";
import type { HubAnswer, HubConnection } from "./hub_connection.ts";
import {
  DEFAULT_REVISION,
  type HubSource,
  isCommit,
  isInnerPath,
} from "./hub_name.ts";
import { hubRefusal } from "./hub_refusal.ts";
import type { HubFile } from "./model_cache.ts";

/** Asks the hub about one model. */
export class HubClient {
  readonly #source: HubSource;
  readonly #connection: HubConnection;

  /** Asks nothing yet. */
  constructor(source: HubSource, connection: HubConnection) {
    this.#source = source;
    this.#connection = connection;
  }

  /** The commit that the source's revision stands for now. */
  async commit(): Promise<string> {
    const { hub, revision = DEFAULT_REVISION } = this.#source;
    if (isCommit(revision)) return revision;
    const { modelInfo } = await import("@huggingface/hub");
    const { sha } = await modelInfo({
      ...this.#request,
      name: hub,
      revision,
      additionalFields: ["sha"],
    });
    if (typeof sha === "string" && isCommit(sha)) return sha;
    throw this.#nonsense(`commit ${JSON.stringify(sha)}`);
  }

  /** Files of a commit, by path. */
  async files(commit: string): Promise<HubFile[]> {
    const { listFiles } = await import("@huggingface/hub");
    const files: HubFile[] = [];
    const entries = listFiles({
      ...this.#request,
      repo: { type: "model", name: this.#source.hub },
      revision: commit,
      recursive: true,
    });
    for await (const { type, path, size, oid, lfs, xetHash } of entries) {
      if (type !== "file") continue;
      const etag = lfs?.oid ?? xetHash ?? oid ?? "";
      const sizeBytes = lfs?.size ?? size;
      // These become names of files here: nothing else may be in them.
      if (
        !isInnerPath(path) || !/^(?:[0-9a-f]{40}|[0-9a-f]{64})$/.test(etag) ||
        !Number.isSafeInteger(sizeBytes) || sizeBytes < 0
      ) {
        throw this.#nonsense(
          `file ${JSON.stringify({ path, etag, sizeBytes })}`,
        );
      }
      files.push({
        path,
        sizeBytes,
        etag,
        sha256: lfs?.oid,
        gitSha1: etag === oid ? oid : undefined,
      });
    }
    return files.sort((a, b) => a.path < b.path ? -1 : 1);
  }

  /** Bytes of a file from `begin` on; the answer says whether it is so. */
  async content(
    { path, commit }: { readonly path: string; readonly commit: string },
    begin: number,
    signal: AbortSignal,
  ): Promise<HubAnswer> {
    const { endpoint } = this.#connection.settings;
    const inner = path.split("/").map(encodeURIComponent).join("/");
    const url = `${endpoint}/${this.#source.hub}/resolve/${commit}/${inner}`;
    const headers = begin > 0 ? { range: `bytes=${begin}-` } : {};
    const answer = await this.#connection.open(url, { headers, signal });
    if (answer.response.ok || answer.response.status === 416) return answer;
    answer.close();
    throw await this.#refusal(answer.response, path);
  }

  get #request(): { hubUrl: string; fetch: typeof fetch } {
    return {
      hubUrl: this.#connection.settings.endpoint,
      fetch: async (url, init) => {
        const response = await this.#connection.fetch(
          url as string,
          init?.headers,
        );
        if (!response.ok) throw await this.#refusal(response);
        return response;
      },
    };
  }

  async #refusal(response: Response, file?: string): Promise<RookeryError> {
    const source = file === undefined
      ? this.#source
      : { ...this.#source, file };
    return await hubRefusal(response, source, this.#connection);
  }

  #nonsense(what: string): RookeryError {
    const { endpoint } = this.#connection.settings;
    return new RookeryError(
      "file",
      `Cannot pull ${this.#source.hub} as ${endpoint} answers with ${what}: ` +
        "check that HF_ENDPOINT or --endpoint names a hub",
      { path: this.#source.hub, actual: what },
    );
  }
}
