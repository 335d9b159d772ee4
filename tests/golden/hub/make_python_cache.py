"""A cache of the Hugging Face hub as Python's own library lays it out.

A server on this machine speaks the hub's paths for one small model; the library
pulls its branch and its tag; python_cache.json gets the served files and every
file and link of the cache. Bytes are base64.

Made with huggingface_hub 2.4.0, Python 3.11.
"""

import base64
import hashlib
import json
import os
import pathlib
import sys
import tempfile
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

REPO = "owner/tiny-model"
COMMITS = {
    "main": "0123456789abcdef0123456789abcdef01234567",
    "v1.0": "fedcba9876543210fedcba9876543210fedcba98",
}
LARGE_BYTES = 2000
FILES = {
    "README.md": b"# Tiny\n",
    "config.json": b'{"model_type":"llama"}\n',
    "empty.txt": b"",
    "model.safetensors": bytes((i * 37 + i // 256) % 256 for i in range(3001)),
    "sub/folder/notes.txt": b"inner\n",
}


def git_sha1(content: bytes) -> str:
    return hashlib.sha1(b"blob %d\0" % len(content) + content).hexdigest()


def entry(path: str, content: bytes) -> dict:
    found = {"type": "file", "path": path, "size": len(content)}
    if len(content) <= LARGE_BYTES:
        return {**found, "oid": git_sha1(content)}
    sha256 = hashlib.sha256(content).hexdigest()
    lfs = {"oid": sha256, "size": len(content), "pointerSize": 134}
    return {**found, "oid": git_sha1(sha256.encode()), "lfs": lfs}


class Hub(BaseHTTPRequestHandler):
    def do_HEAD(self) -> None:
        self.do_GET()

    def do_GET(self) -> None:
        path = self.path.split("?")[0]
        if path.startswith(f"/api/models/{REPO}/revision/"):
            sha = COMMITS[path.rsplit("/", 1)[1]]
            body = json.dumps({"id": REPO, "sha": sha, "siblings": []}).encode()
            self.reply(body, {})
        elif path.startswith(f"/api/models/{REPO}/tree/"):
            listed = [entry(name, content) for name, content in FILES.items()]
            self.reply(json.dumps(listed).encode(), {})
        elif path.startswith(f"/{REPO}/resolve/"):
            commit, name = path[len(f"/{REPO}/resolve/") :].split("/", 1)
            content = FILES[name]
            headers = {"X-Repo-Commit": commit}
            if len(content) > LARGE_BYTES:
                sha256 = hashlib.sha256(content).hexdigest()
                headers["X-Linked-Etag"] = f'"{sha256}"'
                headers["X-Linked-Size"] = str(len(content))
            else:
                headers["ETag"] = f'"{git_sha1(content)}"'
            self.reply(content, headers)
        else:
            self.send_error(404)

    def reply(self, body: bytes, headers: dict) -> None:
        self.send_response(200)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(body)

    def log_message(self, *_: object) -> None:
        pass


def text(content: bytes) -> str:
    return base64.b64encode(content).decode()


def main() -> None:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Hub)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    os.environ["HF_ENDPOINT"] = f"http://127.0.0.1:{server.server_port}"
    os.environ["HF_HUB_DISABLE_XET"] = "1"
    import huggingface_hub  # reads the variables where it is imported

    with tempfile.TemporaryDirectory() as folder:
        for revision in COMMITS:
            huggingface_hub.snapshot_download(
                REPO, revision=revision, cache_dir=folder, token=False
            )
        found = sorted(p for p in pathlib.Path(folder).rglob("*") if not p.is_dir())
        cache = {
            str(path.relative_to(folder)): {"link": os.readlink(path)}
            if path.is_symlink()
            else {"content": text(path.read_bytes())}
            for path in found
        }
    server.shutdown()
    made = {
        "made": f"huggingface_hub {huggingface_hub.__version__}, "
        f"Python {sys.version.split()[0]}",
        "repo": REPO,
        "commits": COMMITS,
        "served": {path: text(content) for path, content in FILES.items()},
        "cache": cache,
    }
    out = pathlib.Path(__file__).with_name("python_cache.json")
    out.write_text(json.dumps(made, indent=1) + "\n")


main()
