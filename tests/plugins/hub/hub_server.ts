/**
 * A hub for tests: it speaks the paths of the Hugging Face hub on this machine,
 * keeps large files on a server of their own, as the hub does, and fails in the
 * ways that networks and hubs fail.
 *
 * @module
 */

import {
  cutBody,
  type Fault,
  gitSha1,
  sha256,
  someBytes,
} from "./served_bytes.ts";

/** A file of a model; large ones are on the other server. */
export interface ServedFile {
  readonly content: Uint8Array<ArrayBuffer>;
  readonly isLarge: boolean;
}

/** A request that was made. */
export interface Asked {
  readonly path: string;
  readonly range: string | null;
  readonly token: string | null;
  readonly isLarge: boolean;
}

export const REPO = "owner/tiny-model";
export const COMMIT = "0123456789abcdef0123456789abcdef01234567";
export const TOKEN = "hf_secret";

/** The servers; disposing ends them. */
export class HubServer implements AsyncDisposable {
  /** Files of the one model, by path. */
  readonly files: Map<string, ServedFile> = new Map();
  /** What goes wrong, by path. */
  readonly faults: Map<string, Fault> = new Map();
  /** All requests. */
  readonly asked: Asked[] = [];
  /** Branches and tags with their commits. */
  readonly refs: Map<string, string> = new Map([["main", COMMIT]]);
  /** Whether a token is needed: to see the model, or to have its files. */
  access: "public" | "private" | "gated" = "public";
  /** Lengths that the list claims, by path. */
  readonly claimedBytes: Map<string, number> = new Map();
  /** Files a page of the list. */
  pageSize = 1000;
  /** Statuses that the next requests get, whatever they ask; 0 is a cut. */
  readonly nextStatuses: number[] = [];
  readonly #hub: Deno.HttpServer<Deno.NetAddr>;
  readonly #large: Deno.HttpServer<Deno.NetAddr>;
  readonly #stalled: AbortController = new AbortController();

  constructor(files: Readonly<Record<string, Uint8Array | string>> = {}) {
    for (const [path, content] of Object.entries(files)) {
      this.add(path, content);
    }
    const options = {
      port: 0,
      hostname: "127.0.0.1",
      onListen() {},
      onError: () => new Response(null, { status: 500 }),
    };
    this.#hub = Deno.serve(options, (request) => this.#answer(request));
    this.#large = Deno.serve(options, (request) => {
      const path = decodeURIComponent(new URL(request.url).pathname).slice(1);
      this.#note(request, path, true);
      return this.#content(request, path);
    });
  }

  /** Address of the hub. */
  get endpoint(): string {
    return `http://127.0.0.1:${this.#hub.addr.port}`;
  }

  /** Adds a file; more than 2,000 bytes are large. */
  add(path: string, content: Uint8Array | string): void {
    const bytes = typeof content === "string"
      ? new TextEncoder().encode(content)
      : Uint8Array.from(content);
    this.files.set(path, { content: bytes, isLarge: bytes.length > 2000 });
  }

  /** Ranges that were asked for of a file's bytes. */
  ranges(path: string): (string | null)[] {
    const { isLarge } = this.files.get(path)!;
    return this.asked.filter((each) =>
      each.isLarge === isLarge && each.path.endsWith(path) &&
      !each.path.startsWith("/api/")
    ).map(({ range }) => range);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#stalled.abort();
    await Promise.all([this.#hub.shutdown(), this.#large.shutdown()]);
  }

  #note(request: Request, path: string, isLarge: boolean): void {
    const { headers } = request;
    this.asked.push({
      path,
      range: headers.get("range"),
      token: headers.get("authorization"),
      isLarge,
    });
  }

  #answer(request: Request): Response {
    const url = new URL(request.url);
    const path = decodeURIComponent(url.pathname);
    this.#note(request, path, false);
    const status = this.nextStatuses.shift();
    if (status === 0) {
      const body = cutBody(someBytes(10), {}, this.#stalled.signal);
      return new Response(body, { headers: { "content-length": "100" } });
    }
    if (status !== undefined) return new Response("busy", { status });
    if (path === "/api/models") return this.#search(url);
    const isKnown = path.includes(REPO);
    const isUser = request.headers.get("authorization") === `Bearer ${TOKEN}`;
    if (!isKnown || this.access === "private" && !isUser) {
      return refusal(
        isUser ? 404 : 401,
        "RepoNotFound",
        "Repository not found",
      );
    }
    const [, kind, rest = ""] =
      /(\/resolve\/|\/revision\/|\/tree\/|\/refs$)(.*)$/.exec(path) ?? [];
    if (kind === "/refs") return this.#listRefs();
    const revision = this.#revisionOf(rest);
    if (revision === undefined) {
      return refusal(404, "RevisionNotFound", `Invalid rev id: ${rest}`);
    }
    const commit = this.refs.get(revision) ?? revision;
    if (kind === "/revision/") {
      return Response.json({
        id: REPO,
        sha: commit,
        lastModified: "2026-01-01T00:00:00.000Z",
      });
    }
    if (kind === "/tree/") return this.#tree(url);
    if (this.access === "gated" && !isUser) {
      return refusal(401, "GatedRepo", "Access to this model is restricted");
    }
    return this.#resolve(request, rest.slice(revision.length + 1), commit);
  }

  #revisionOf(rest: string): string | undefined {
    const known = [...this.refs.keys(), ...this.refs.values()];
    return known.find((each) => rest === each || rest.startsWith(`${each}/`));
  }

  #search(url: URL): Response {
    const query = url.searchParams.get("search") ?? "";
    const names = [REPO, "owner/other"].filter((name) =>
      name.includes(query.slice(0, 4))
    );
    return Response.json(
      names.map((id) => ({ id, lastModified: "2026-01-01T00:00:00.000Z" })),
    );
  }

  #listRefs(): Response {
    const branches = [...this.refs].map(([name, targetCommit]) => ({
      name,
      targetCommit,
    }));
    return Response.json({ branches, tags: [], converts: [] });
  }

  #tree(url: URL): Response {
    const folders = new Set<string>();
    for (const path of this.files.keys()) {
      const at = path.lastIndexOf("/");
      if (at > 0) folders.add(path.slice(0, at));
    }
    const all = [
      ...[...folders].map((path) => {
        const oid = gitSha1(new TextEncoder().encode(path));
        return { type: "directory", path, size: 0, oid };
      }),
      ...[...this.files].map(([path, file]) =>
        entryOf(path, file, this.claimedBytes.get(path))
      ),
    ];
    const begin = Number(url.searchParams.get("cursor") ?? 0);
    const page = all.slice(begin, begin + this.pageSize);
    const headers = new Headers();
    if (begin + this.pageSize < all.length) {
      url.searchParams.set("cursor", String(begin + this.pageSize));
      headers.set("link", `<${url.href}>; rel="next"`);
    }
    return Response.json(page, { headers });
  }

  #resolve(request: Request, path: string, commit: string): Response {
    const file = this.files.get(path);
    if (file === undefined) {
      return refusal(404, "EntryNotFound", "Entry not found");
    }
    const headers = new Headers({
      "x-repo-commit": commit,
      "accept-ranges": "bytes",
    });
    if (!file.isLarge) {
      headers.set("etag", `"${gitSha1(file.content)}"`);
      return this.#content(request, path, headers);
    }
    headers.set("x-linked-etag", `"${sha256(file.content)}"`);
    headers.set("x-linked-size", String(file.content.length));
    const { port } = this.#large.addr;
    headers.set("location", `http://127.0.0.1:${port}/${encodeURI(path)}`);
    return new Response(null, { status: 302, headers });
  }

  #content(
    request: Request,
    path: string,
    headers: Headers = new Headers(),
  ): Response {
    const { content } = this.files.get(path)!;
    const fault = this.#faultOf(path);
    if (fault.status) return new Response("no", { status: fault.status });
    const [, first] =
      /^bytes=(\d+)-/.exec(request.headers.get("range") ?? "") ??
        [];
    const begin = fault.isWhole ? 0 : Number(first ?? 0);
    if (begin >= content.length && content.length > 0) {
      headers.set("content-range", `bytes */${content.length}`);
      return new Response(null, { status: 416, headers });
    }
    const rest = fault.isWrong
      ? content.slice(begin).reverse()
      : content.slice(begin);
    if (!fault.isQuiet) headers.set("content-length", String(rest.length));
    const isPart = first !== undefined && !fault.isWhole;
    if (isPart) {
      const last = content.length - 1;
      headers.set("content-range", `bytes ${begin}-${last}/${content.length}`);
    }
    const status = isPart ? 206 : 200;
    if (request.method === "HEAD") return new Response(null, { headers });
    const body = fault.cutAfter === undefined
      ? rest
      : cutBody(rest.subarray(0, fault.cutAfter), fault, this.#stalled.signal);
    return new Response(body, { status, headers });
  }

  #faultOf(path: string): Fault {
    const fault = this.faults.get(path) ?? {};
    if (fault.times === undefined) return fault;
    return fault.times-- > 0 ? fault : {};
  }
}

function entryOf(
  path: string,
  { content, isLarge }: ServedFile,
  size: number = content.length,
) {
  const entry = { type: "file", path, size };
  if (!isLarge) return { ...entry, oid: gitSha1(content) };
  const lfs = {
    oid: sha256(content),
    size,
    pointerSize: 134,
  };
  return { ...entry, oid: gitSha1(new TextEncoder().encode(lfs.oid)), lfs };
}

function refusal(status: number, code: string, message: string): Response {
  const headers = { "x-error-code": code, "x-error-message": message };
  return Response.json({ error: message }, { status, headers });
}
