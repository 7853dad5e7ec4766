#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
"""A server on loopback that serves files as badly as servers do. Usage:

    server.py --root DIR [--log FILE] [--tls CERT KEY]              prints its port; for the unit tests
    server.py --root DIR [--log FILE] --background --while PID      the same, and returns once it listens

It ends with its parent, or when nobody reads its output any more; with --while, when that process has ended.
In a case of tests/cli:

    port=$(python3 "$SOURCE/tests/unit/fetch/server.py" --root "$WORK/files" --log "$WORK/log" --background --while $$)

An address is http://127.0.0.1:PORT/MODES…/FILE, FILE a path under --root. Without a mode the file is served as it
should be, with Content-Length, an ETag, and what a Range asks for. Modes go before it, each a part of the path, and add up:

    cut/N         the first answer of this path ends after N bytes      cut-always/N     every answer does
    reset/N       as cut, with a reset of the connection                stall/N          sends N bytes of the first answer, then nothing
    trickle/N/MS  N bytes at a time, MS milliseconds apart              fail/N/CODE      the first N answers are this status
    status/CODE   always this status                                    wrong            the first byte is another
    size/N        N bytes: cut off, or filled up with zeros             longer/N         N bytes more than Content-Length says
    no-length     no Content-Length: the end of the connection is it    chunked          chunked transfer
    no-range      Range is ignored: 200 and everything                  refuse-range     Range is answered by 416
    shifted       Range is answered by 206 from another byte            no-etag          no ETag
    changing      every answer is another version: new ETag and bytes
    redirect/N    N redirects, then the rest                            loop             redirects to itself
    to/file       redirects to file:///DIR/FILE                         to/SCHEME        redirects to the rest at this SCHEME
    to-port/SCHEME/PORT    first: redirects to the rest at this port, other modes and all
    lfs  html  empty  headers    a Git LFS pointer, a web page, nothing, or the request's own headers instead of FILE
    as/NAME       means nothing: makes addresses differ

As a proxy (http_proxy=http://127.0.0.1:PORT) it serves every host itself. The log has a line an answer:
"STATUS PATH" or "STATUS PATH RANGE", with the whole address where it was asked as a proxy, and "if ETAG" behind where If-Range was sent."""
import argparse
import hashlib
import os
import pathlib
import select
import socket
import ssl
import struct
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

ARGUMENTS = {"cut": 1, "cut-always": 1, "reset": 1, "stall": 1, "trickle": 2, "fail": 2, "status": 1, "wrong": 0, "size": 1,
             "longer": 1, "no-length": 0, "chunked": 0, "no-range": 0, "refuse-range": 0, "shifted": 0, "no-etag": 0,
             "changing": 0, "redirect": 1, "loop": 0, "to": 1, "lfs": 0, "html": 0, "empty": 0, "headers": 0, "as": 1}
LFS = b"version https://git-lfs.github.com/spec/v1\noid sha256:" + b"0" * 64 + b"\nsize 12345\n"
HTML = b"\r\n \n<!DOCTYPE html>\n<html><body>Please sign in</body></html>\n"


def modes_of(path):
    modes, parts = {}, path.lstrip("/").split("/")
    while parts and parts[0] in ARGUMENTS:
        count = ARGUMENTS[parts[0]]
        modes[parts[0]] = parts[1:1 + count]
        parts = parts[1 + count:]
    return modes, "/".join(parts)


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"
    seen, lock = {}, threading.Lock()
    root, log = pathlib.Path(), None

    def log_message(self, *_):
        pass

    def note(self, status):
        words = [str(status), self.path]
        if "Range" in self.headers:
            words.append(self.headers["Range"])
        if "If-Range" in self.headers:
            words += ["if", self.headers["If-Range"]]
        if self.log:
            with self.lock, open(self.log, "a") as log:
                log.write(" ".join(words) + "\n")

    def head(self, status, fields=()):
        self.note(status)
        self.send_response(status)
        for name, value in fields:
            self.send_header(name, value)
        self.end_headers()

    def plain(self, status, fields=()):
        body = b"status %d\n" % status
        self.head(status, [*fields, ("Content-Length", str(len(body)))])
        self.wfile.write(body)

    def do_GET(self):
        path = self.path
        if "://" in path:
            path = "/" + path.split("://", 1)[1].split("/", 1)[-1]
        path = path.split("?", 1)[0]
        with self.lock:
            earlier = self.seen.get(path, 0)
            self.seen[path] = earlier + 1
        if path.startswith("/to-port/"):
            scheme, port, rest = path.removeprefix("/to-port/").split("/", 2)
            return self.plain(302, [("Location", f"{scheme}://127.0.0.1:{port}/{rest}")])
        modes, name = modes_of(path)
        if "status" in modes:
            return self.plain(int(modes["status"][0]))
        if "fail" in modes and earlier < int(modes["fail"][0]):
            return self.plain(int(modes["fail"][1]))
        if self.redirects(path, modes, name):
            return None
        body = self.body(modes, name, earlier)
        if body is None:
            return self.plain(404)
        return self.answer(modes, body, earlier)

    def redirects(self, path, modes, name):
        if "loop" in modes:
            target = path
        elif "redirect" in modes and modes["redirect"][0] != "0":
            count = modes["redirect"][0]
            target = path.replace(f"/redirect/{count}/", f"/redirect/{int(count) - 1}/", 1)
        elif "to" in modes and modes["to"][0] == "file":
            target = f"file://{self.root}/{name}"
        elif "to" in modes:
            target = f"{modes['to'][0]}://127.0.0.1:{self.server.server_address[1]}/{name}?token=secret"
        else:
            return False
        self.plain(302, [("Location", target)])
        return True

    def body(self, modes, name, earlier):
        for mode, made in (("lfs", LFS), ("html", HTML), ("empty", b""), ("headers", str(self.headers).encode())):
            if mode in modes:
                return made
        file = self.root / name
        if not file.is_file():
            return None
        body = file.read_bytes()
        if "wrong" in modes:
            body = bytes([body[0] ^ 1]) + body[1:]
        if "changing" in modes:
            body = bytes([earlier]) * len(body)
        if "size" in modes:
            size = int(modes["size"][0])
            body = body[:size].ljust(size, b"\0")
        return body

    def answer(self, modes, body, earlier):
        tag = '"' + hashlib.sha256(body).hexdigest()[:8] + '"'
        fields = [] if "no-etag" in modes else [("ETag", tag)]
        start, status, total = self.start(modes, tag), 200, len(body)
        if start is not None:
            if "refuse-range" in modes or start >= total:
                return self.plain(416, [("Content-Range", f"bytes */{total}")])
            start += 1 if "shifted" in modes else 0
            status, body = 206, body[start:]
            fields.append(("Content-Range", f"bytes {start}-{total - 1}/{total}"))
        if "chunked" in modes:
            fields.append(("Transfer-Encoding", "chunked"))
        elif "no-length" not in modes:
            fields.append(("Content-Length", str(len(body))))
        if "longer" in modes:
            body += b"x" * int(modes["longer"][0])
        self.close_connection = bool({"no-length", "longer"} & set(modes))
        self.head(status, fields)
        try:
            return self.send_body(modes, body, earlier)
        except (BrokenPipeError, ConnectionResetError, ssl.SSLError):
            self.close_connection = True
            return None

    def start(self, modes, tag):
        asked = self.headers.get("Range", "")
        if not asked.startswith("bytes=") or "no-range" in modes or self.headers.get("If-Range", tag) != tag:
            return None
        return int(asked[len("bytes="):].split("-")[0])

    def send_body(self, modes, body, earlier):
        for mode in ("cut-always", *(("cut", "reset", "stall") if earlier == 0 else ())):
            if mode in modes:
                self.close_connection = True
                self.send_part(modes, body[:int(modes[mode][0])])
                if mode == "reset":
                    self.wfile.flush()
                    time.sleep(0.05)  # a reset overtakes what was sent
                    self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
                    self.connection.close()
                if mode == "stall":
                    self.connection.recv(1)
                return
        self.send_part(modes, body)
        if "chunked" in modes:
            self.wfile.write(b"0\r\n\r\n")

    def send_part(self, modes, body):
        step, pause = (int(word) for word in modes.get("trickle", ("65536", "0")))
        for at in range(0, len(body), step):
            part = body[at:at + step]
            self.wfile.write(b"%x\r\n%s\r\n" % (len(part), part) if "chunked" in modes else part)
            self.wfile.flush()
            time.sleep(pause / 1000)


def leave_with(process, parent):
    hung_up = select.poll()
    if process is None:
        hung_up.register(1, 0)
    while True:
        if process is None:
            if any(event & (select.POLLERR | select.POLLHUP) for _, event in hung_up.poll(100)) or os.getppid() != parent:
                os._exit(0)
        else:
            time.sleep(0.1)
            if not pathlib.Path(f"/proc/{process}").exists():
                os._exit(0)


def main():
    options = argparse.ArgumentParser()
    options.add_argument("--root", required=True)
    options.add_argument("--log")
    options.add_argument("--tls", nargs=2)
    options.add_argument("--background", action="store_true")
    options.add_argument("--while", type=int, dest="process")
    given = options.parse_args()
    if given.background and given.process is None:
        options.error("--background needs --while PID")
    parent = os.getppid()
    Handler.root, Handler.log = pathlib.Path(given.root).resolve(), given.log
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.handle_error = lambda *_: None  # a client that leaves is what many tests are about
    if given.tls:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*given.tls)
        server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=False)
    print(server.server_address[1], flush=True)
    if given.background:
        if os.fork() != 0:
            return
        nothing = os.open(os.devnull, os.O_RDWR)
        for stream in range(3):
            os.dup2(nothing, stream)
    threading.Thread(target=leave_with, args=(given.process, parent), daemon=True).start()
    server.serve_forever()


if __name__ == "__main__":
    main()
