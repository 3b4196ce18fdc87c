"""Try what an office's machine runs, as docs/operate.md says it: `make packaging`, as root on Debian; not in `make test`.

The wheel at the units' own path, two database users on a PostgreSQL of this run, nginx and Caddy with the files that are
shipped (their ports and certificate exchanged), on loopback alone, and a data folder of 64 MB that fills up. One line is
printed for each thing shown; the first that is not ends the run with 1. Nothing is skipped. What was made is taken away again,
by the next run where this one was killed; a machine on which an office's Hege is installed is left alone.
"""

from __future__ import annotations

import http.client
import io
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import time
import uuid
import zipfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, closing, contextmanager, suppress
from html.parser import HTMLParser
from pathlib import Path
from typing import Any
from urllib.error import HTTPError
from urllib.parse import quote, urlsplit
from urllib.request import urlopen

import openpyxl

from tests import postgres

ROOT = Path(__file__).resolve().parents[2]
CODE, SHARE, DATA, COPIES = (
    Path(p) for p in ("/opt/hege", "/opt/hege/share/hege", "/var/lib/hege", "/var/backups/hege")
)
SETTINGS, COMMAND, OWNERS = Path("/etc/hege"), Path("/usr/local/sbin/hege"), Path("/usr/local/sbin/hege-owner")
OURS = (CODE, DATA, COPIES, SETTINGS, COMMAND, OWNERS)
TRIAL = Path("/var/lib/hege-trial")  # stands while what stands here is of a run of ours: its process is written in it
SMALL = Path("/var/lib/hege-small")  # the data folder that fills up
HOST, STREET = "hege.example.gov.cn", "310117006"
AS_HEGE = ("setpriv", "--reuid=hege", "--regid=hege", "--init-groups", "env", "-C", "/", "-i", "LC_ALL=C.UTF-8")
UPLOAD_BYTES = 15 * 1024 * 1024
SLOW_SENDERS = 40  # more than all processes wait for at a time
MOST_SECONDS = 10  # that a page may take while others send slowly
TOLD_WITHIN = 5  # seconds until the site says that its database is away, or back
SMALL_MB, LEFT_MB = 64, 3  # a disk, and what is left of it for one's work by a ballast


class NotShown(Exception):
    """Something that was to be shown is not so."""


def shown(what: str, holds: object, seen: object = "") -> None:
    """Print that something is so, or end the run."""
    if not holds:
        raise NotShown(f"{what}: {seen!s}"[:3000])
    print(f"  {what}", flush=True)


def run(*command: str | Path, said: bytes = b"", codes: tuple[int, ...] = (0,)) -> str:
    """What a command printed; it ends with one of the codes."""
    pipe = subprocess.PIPE
    done = subprocess.Popen(command, stdin=pipe, stdout=pipe, stderr=pipe, process_group=0)
    try:
        told = b"".join(done.communicate(said)).decode(errors="replace")
    except BaseException:  # this run is ended: whatever the command has started ends too, before all is taken away
        os.killpg(done.pid, signal.SIGKILL)
        done.wait()
        raise
    if done.returncode not in codes:
        raise NotShown(f"{' '.join(map(str, command))} ended with {done.returncode}: {told[-3000:]}")
    return told


# -- the machine -------------------------------------------------------------------------------------------------------


def need_the_machine() -> None:
    """Root, nothing of an office's on it, and the programs, installed where they are missing."""
    if os.geteuid() != 0:
        raise NotShown(
            "make packaging installs as an office does: run it as root, on a machine or in a container for it"
        )
    take_away_of_killed()
    there = [str(path) for path in OURS if path.exists() or path.is_symlink()]
    with suppress(KeyError):
        there.append(f"account {pwd.getpwnam('hege').pw_name}")
    if there:
        raise NotShown(f"Hege seems to be installed here, and that is left alone: {', '.join(there)}")
    wanted = {"nginx": "nginx-light", "caddy": "caddy", "systemd-analyze": "systemd", "adduser": "adduser"}
    missing = [package for program, package in wanted.items() if shutil.which(program) is None]
    if missing:
        os.environ["DEBIAN_FRONTEND"] = "noninteractive"
        run("apt-get", "update", "-qq")
        run("apt-get", "install", "-qq", "--no-install-recommends", *missing)
    for program in (*wanted, "setpriv", "openssl"):
        shown(f"{program} is there", shutil.which(program))


def install(wheel: Path, wheels: Path) -> None:
    """The commands of docs/operate.md, *Install*, without a network."""
    TRIAL.write_text(str(os.getpid()))
    run("adduser", "--system", "--group", "--home", DATA, "--no-create-home", "--shell", "/usr/sbin/nologin", "hege")
    run("install", "-d", "-o", "hege", "-g", "hege", "-m", "0700", DATA, COPIES)
    run("install", "-d", "-m", "0700", SETTINGS)
    run(python_for("hege"), "-m", "venv", "--without-pip", CODE)
    pip: list[str | Path] = [
        sys.executable,
        "-m",
        "pip",
        "--disable-pip-version-check",
        "--python",
        CODE / "bin/python",
        "install",
        "-q",
    ]
    run(*pip, "--no-cache-dir", "--no-index", "--find-links", wheels, f"{wheel}[postgres]")
    run("install", "-m", "0755", SHARE / "hege", COMMAND)
    OWNERS.symlink_to("hege")
    run("install", "-m", "0600", SHARE / "hege.env", SHARE / "owner.env", SETTINGS)


def python_for(account: str) -> str:
    """A Python of the release the wheels are for that the account can reach: one below /root is none for it."""
    release = f"python{sys.version_info.major}.{sys.version_info.minor}"
    found = (str(getattr(sys, "_base_executable", "")), f"/usr/local/bin/{release}", f"/usr/bin/{release}")
    become = ("setpriv", f"--reuid={account}", f"--regid={account}", "--init-groups", "env")
    for python in filter(None, found):
        if (
            subprocess.run([*become, python, "-c", "import ssl, venv"], capture_output=True, check=False).returncode
            == 0
        ):
            return python
    raise NotShown(
        f"the account {account} finds no {release} with venv in /usr/bin or /usr/local/bin: install one there"
    )


def take_away_of_killed() -> None:
    """What a run left that could not clear up; not that of one that goes on."""
    if TRIAL.exists():
        owner = Path("/proc", TRIAL.read_text().strip() or "none", "cmdline")
        if owner.exists() and b"tests.packaging.run" in owner.read_bytes():
            raise NotShown("another make packaging is under way on this machine")
        take_away()


def take_away() -> None:
    """Everything that was made."""
    if SMALL.is_mount():
        run("umount", SMALL)
    for path in (*OURS, SMALL):
        if path.is_dir() and not path.is_symlink():
            shutil.rmtree(path, ignore_errors=True)
        else:
            path.unlink(missing_ok=True)
    with suppress(KeyError):
        pwd.getpwnam("hege")
        run("deluser", "--quiet", "--system", "hege")
    TRIAL.unlink(missing_ok=True)


def mend(file: Path, *changes: tuple[str, str], into: Path | None = None) -> Path:
    """A shipped file with some of its words exchanged; each stands in it."""
    text = file.read_text(encoding="utf-8")
    for old, new in changes:
        if old not in text:
            raise NotShown(f"{file} does not say {old!r}")
        text = text.replace(old, new)
    (into or file).write_text(text, encoding="utf-8")
    return into or file


def check_units() -> None:
    """Units read by systemd itself, with the program at their own path."""
    units = sorted(map(str, (SHARE / "systemd").iterdir()))
    said = run("systemd-analyze", "verify", *units)
    shown(f"systemd finds nothing wrong with {len(units)} units", said.strip() == "", said)
    for unit in units:
        if unit.endswith(".service"):
            said = run("systemd-analyze", "security", "--offline=yes", "--threshold=30", "--no-pager", unit)
            exposed = re.search(r"Overall exposure level .*: (\d+\.\d)", said)
            shown(f"{Path(unit).name} is exposed to {exposed and exposed[1]} of 10", exposed)


def check_rounds() -> None:
    """What the timers run, run: every line of their services."""
    for unit in ("hege-daily", "hege-backup"):
        lines = re.findall(
            r"^ExecStart=/opt/hege/bin/hege (.*)$", (SHARE / f"systemd/{unit}.service").read_text(), re.M
        )
        for line in lines:
            run(COMMAND, *line.split())
        shown(f"{unit} does its round: {'; '.join(lines)}", lines)
    modes = [oct(copy.stat().st_mode & 0o777) for copy in COPIES.iterdir()]
    shown("its copy is its account's alone", modes == ["0o600"], modes)


# -- a browser -----------------------------------------------------------------------------------------------------------


class Fields(HTMLParser):
    """The hidden fields of the form on a page that goes to an address."""

    def __init__(self, action: str) -> None:
        super().__init__()
        self.action, self.inside, self.found = action, False, dict[str, str]()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        said = dict(attrs)
        if tag == "form":
            self.inside = (said.get("action") or self.action) == self.action and said.get("method") == "post"
        if tag == "input" and self.inside and said.get("type") == "hidden":
            self.found[str(said.get("name"))] = said.get("value") or ""


class Browser:
    """Asks a proxy on loopback under the office's own name, keeps cookies, and sends forms as a browser does."""

    def __init__(self, port: int, certificate: Path) -> None:
        self.port, self.cookies = port, {"hege_language": "en"}
        self.trust = ssl.create_default_context(cafile=str(certificate))
        self.origin = f"https://{HOST}:{port}"

    def connected(self) -> ssl.SSLSocket:
        plain = socket.create_connection(("127.0.0.1", self.port), timeout=120)
        return self.trust.wrap_socket(plain, server_hostname=HOST)

    def ask(
        self, method: str, path: str, body: bytes | None = None, **headers: str
    ) -> tuple[int, dict[str, str], bytes]:
        """Status, headers by their small letters, body. ``X_Name`` says the header X-Name."""
        line = http.client.HTTPConnection(HOST, self.port)
        line.sock = self.connected()
        said = {"Host": f"{HOST}:{self.port}", "Cookie": "; ".join(f"{n}={v}" for n, v in self.cookies.items())}
        said |= {name.replace("_", "-"): value for name, value in headers.items()}
        try:
            # Who refuses by its length what comes reads no more of it.
            with suppress(OSError):
                line.request(method, path, body, said)
            answer = line.getresponse()
            for cookie in answer.headers.get_all("Set-Cookie", []):
                name, _equals, value = cookie.partition(";")[0].partition("=")
                self.cookies[name] = value
            return answer.status, {name.lower(): value for name, value in answer.headers.items()}, answer.read()
        finally:
            line.close()

    def send(self, page: str, action: str, fields: dict[str, str], **more: Any) -> tuple[int, dict[str, str], bytes]:
        """Open a page and send its form, as multipart where there are ``files``: name, file name, content."""
        files: list[tuple[str, str, bytes]] = more.pop("files", [])
        _status, _headers, opened = self.ask("GET", page)
        form = Fields(action)
        form.feed(opened.decode())
        cut, parts = uuid.uuid4().hex, []
        for name, value in {**form.found, **fields}.items():
            parts.append(f'--{cut}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode())
        for name, file, content in files:
            parts.append(
                f'--{cut}\r\nContent-Disposition: form-data; name="{name}"; filename="{file}"\r\n'
                "Content-Type: application/octet-stream\r\n\r\n".encode()
            )
            parts += [content, b"\r\n"]
        said = {"Content_Type": f"multipart/form-data; boundary={cut}", "Origin": self.origin}
        return self.ask("POST", action, b"".join([*parts, f"--{cut}--\r\n".encode()]), **{**said, **more})

    def sign_in(self, password: str, **headers: str) -> tuple[int, dict[str, str], bytes]:
        return self.send("/sign-in/", "/sign-in/", {"username": "admin", "password": password}, **headers)


def list_of_meters(number: str, photographs: int) -> bytes:
    """A list of one meter in a workbook of so many bytes: what makes it large cannot be packed."""
    out, book = io.BytesIO(), openpyxl.Workbook()
    sheet = book.worksheets[0]
    sheet.append(("表号", "类别", "口径", "上级总表", "启用日期", "起码", "安装位置", "账户名", "代收人", "分摊方式"))
    sheet.append((number, "总表", "DN50", "", "2025-01-01", "0", "弄口", "某物业公司", "二房东", "等额"))
    book.save(out)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_STORED) as parts:
        parts.writestr("xl/media/image1.jpeg", os.urandom(photographs))
    return out.getvalue()


# -- servers -------------------------------------------------------------------------------------------------------------


def free_port() -> int:
    """A port from 20000 on that nobody listens on."""
    while True:
        port = 20000 + secrets.randbelow(12000)
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) != 0:
                return port


@contextmanager
def running(name: str, *command: str | Path, port: int, log: Path, **more: Any) -> Iterator[None]:
    """A server until the block ends; it listens when the block begins."""
    with log.open("ab") as out:
        process = subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=out, stderr=out, **more)
    try:
        for _try in range(300):
            with socket.socket() as probe:
                if probe.connect_ex(("127.0.0.1", port)) == 0:
                    break
            if process.poll() is not None:
                raise NotShown(f"{name} ended with {process.returncode}: {log.read_text(errors='replace')[-2000:]}")
            time.sleep(0.1)
        else:
            raise NotShown(f"{name} does not listen: {log.read_text(errors='replace')[-2000:]}")
        yield
    finally:
        process.send_signal(signal.SIGTERM)
        try:
            process.wait(timeout=30)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()


@contextmanager
def nginx(scratch: Path, site: int) -> Iterator[int]:
    """nginx with the shipped file; the port on which it speaks HTTPS."""
    plain, port = free_port(), free_port()
    at = scratch / "nginx"
    at.mkdir()
    ours = mend(
        SHARE / "nginx/hege.conf",
        ("    listen [::]:80;\n", ""), ("    listen [::]:443 ssl http2;\n", ""),
        ("listen 80;", f"listen 127.0.0.1:{plain};"), ("listen 443 ", f"listen 127.0.0.1:{port} "),
        ("/etc/ssl/hege/fullchain.pem", f"{scratch}/fullchain.pem"), ("/etc/ssl/hege/privkey.pem", f"{scratch}/privkey.pem"),
        ("127.0.0.1:8000", f"127.0.0.1:{site}"),
        into=at / "hege.conf",
    )  # fmt: skip
    folders = "".join(f"{name}_temp_path {at}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
    main = at / "nginx.conf"
    main.write_text(
        f"daemon off; user www-data; pid {at}/pid; error_log {at}/errors warn; events {{}}\n"
        f"http {{ access_log off; {folders} include {ours}; }}\n"
    )
    said = run("nginx", "-t", "-c", main)
    shown("nginx takes the file", "syntax is ok" in said and "warn" not in said, said)
    with running("nginx", "nginx", "-c", main, port=port, log=scratch / "nginx.log"):
        yield port


@contextmanager
def caddy(scratch: Path, site: int) -> Iterator[int]:
    """Caddy with the shipped file; the port on which it speaks HTTPS."""
    plain, port = free_port(), free_port()
    ours = mend(
        SHARE / "caddy/Caddyfile",
        ("\n{\n\tservers", f"\n{{\n\tadmin off\n\tdefault_bind 127.0.0.1\n\thttp_port {plain}\n\thttps_port {port}\n\tservers"),
        ("/etc/ssl/hege/fullchain.pem", f"{scratch}/fullchain.pem"), ("/etc/ssl/hege/privkey.pem", f"{scratch}/privkey.pem"),
        ("127.0.0.1:8000", f"127.0.0.1:{site}"),
        into=scratch / "Caddyfile",
    )  # fmt: skip
    env = {**os.environ, "XDG_DATA_HOME": str(scratch / "caddy"), "XDG_CONFIG_HOME": str(scratch / "caddy")}
    said = subprocess.run(
        ["caddy", "validate", "--config", ours, "--adapter", "caddyfile"], env=env, capture_output=True, check=False
    ).stderr.decode()
    lines = [json.loads(line) for line in said.splitlines() if line.startswith("{")]
    wrong = [line for line in lines if line["level"] != "info" and "OCSP" not in line["msg"]]  # ours has no authority
    shown("Caddy takes the file", lines and not wrong, said)
    command = ("caddy", "run", "--config", ours, "--adapter", "caddyfile")
    with running("caddy", *command, port=port, log=scratch / "caddy.log", env=env):
        yield port


# -- what is shown through each proxy ------------------------------------------------------------------------------------


def check_pages(browser: Browser, password: str, sql: Callable[[str], str]) -> None:
    """Pages in English, style sheets, signing in; who asks is known by the proxy's word and by nobody else's."""
    status, headers, body = browser.ask("GET", "/sign-in/")
    shown("the sign-in page is in English", status == 200 and b"Sign in" in body and b'lang="en"' in body, body[:500])
    shown("it is kept to HTTPS", "max-age" in headers.get("strict-transport-security", ""), headers)
    sheet = re.search(rb"/static/hege\.[0-9a-f]{12}\.css", body)
    _status, headers, _body = browser.ask("GET", sheet[0].decode() if sheet else "/", Accept_Encoding="gzip")
    shown("style sheets come compressed, for good", headers.get("content-encoding") == "gzip", headers)
    shown("pages do not", "content-encoding" not in browser.ask("GET", "/sign-in/", Accept_Encoding="gzip")[1])

    lies = {"X_Forwarded_For": "203.0.113.9", "X_Forwarded_Proto": "http", "Forwarded": "for=203.0.113.9;proto=http"}
    status, _headers, body = browser.sign_in("wrong", **lies)
    seen = sql("SELECT address FROM people_signinfailure ORDER BY id DESC LIMIT 1")
    shown("what a browser says of its address is written over", (status, seen) == (422, "127.0.0.1"), (status, seen))
    status, headers, body = browser.sign_in(password)
    shown("the administrator signs in", status == 302 and "hege_session" in browser.cookies, (status, body[-1500:]))
    status, _headers, body = browser.ask("GET", f"/{STREET}/")
    shown("the first page of the street opens", status == 200 and b"Sign out" in body, (status, body[-1500:]))


def upload(browser: Browser, number: str, photographs: int) -> tuple[int, dict[str, str], bytes]:
    """Choose a workbook with a list of one meter."""
    file = ("file", "meters.xlsx", list_of_meters(number, photographs))
    return browser.send(f"/{STREET}/imports/", f"/{STREET}/imports/choose/", {"kind": ""}, files=[file])


def check_forms(browser: Browser, number: str, sql: Callable[[str], str]) -> None:
    """Files up to what Hege takes go through; what is more is told; slow senders keep nobody waiting."""
    index, choose = f"/{STREET}/imports/", f"/{STREET}/imports/choose/"
    status, headers, body = upload(browser, number, UPLOAD_BYTES)
    shown("an upload of 15 MB goes through", status == 302, (status, body[-1500:]))
    pile = headers["location"]
    status, _headers, body = browser.ask("GET", pile)
    shown("and is read", status == 200 and b"meters.xlsx" in body and number.encode() in body, body[-3000:])
    status, headers, body = browser.send(pile, f"{pile}confirm/", {})
    booked = sql(f"SELECT count(*) FROM metering_meter WHERE number = '{number}'")
    done = status == 302 and headers["location"] == f"{pile}done/"
    shown("and imported with one yes", done and booked == "1", (status, headers, booked, body[-3000:]))
    status, _headers, body = browser.send(index, choose, {}, files=[("file", "a.csv", bytes(66 << 20))])
    shown("what is too large is told", status == 413 and b"20 MB" in body, (status, body[-1500:]))

    with ExitStack() as slow:
        for _n in range(SLOW_SENDERS):
            sender = slow.enter_context(browser.connected())
            sender.sendall(
                f"POST /sign-in/ HTTP/1.1\r\nHost: {HOST}:{browser.port}\r\nContent-Length: 100000\r\n"
                "Content-Type: application/x-www-form-urlencoded\r\n\r\nusername=".encode()
            )
        time.sleep(2)
        begun = time.monotonic()
        status, _headers, body = browser.send(index, choose, {"kind": ""}, files=[("file", "b.csv", b"x,y\n1,2\n")])
        took = time.monotonic() - begun
    quick = status < 500 and took < MOST_SECONDS
    shown(f"{SLOW_SENDERS} slow senders keep no other form waiting ({took:.1f} s)", quick, (status, took, body[-500:]))


def check_edges(browser: Browser) -> None:
    """What is for the machine alone stays there, and a wrong host is told."""
    for path in ("/-/ready", "/-/live", "/-/metrics", "//-/ready", "/%2d/ready", "/static/../-/ready"):
        status, _headers, body = browser.ask("GET", path)
        kept = status in (301, 302, 404) and b"migration" not in body
        shown(f"{path} is not passed on", kept, (status, body[:300]))
    status, _headers, body = browser.ask("GET", "/sign-in/", Host="other.example")
    told = status == 400 or (status == 200 and not body)  # Caddy answers names that are not its own with nothing
    shown("a name that is not ours opens nothing", told, (status, body[:500]))


def ready(site: int) -> tuple[int, dict[str, dict[str, Any]]]:
    """What the site says on the machine itself: the status, and each line by its code."""
    try:
        with urlopen(f"http://127.0.0.1:{site}/-/ready", timeout=TOLD_WITHIN) as answer:
            status, said = answer.status, json.load(answer)
    except HTTPError as error:
        status, said = error.code, json.load(error)
    return status, {line["code"]: line for line in said["lines"]}


def becomes(site: int, wanted: int) -> tuple[float, list[str]]:
    """Ask until the site is ready, or not: after how many seconds, and what stops it."""
    begun = time.monotonic()
    while True:
        status, lines = ready(site)
        took, stops = time.monotonic() - begun, [code for code, line in lines.items() if line["stops"]]
        if status == wanted or took > TOLD_WITHIN:
            shown(f"/-/ready says {wanted} within {took:.1f} s {stops or ''}", status == wanted, (status, lines))
            return took, stops
        time.sleep(0.1)


def check_database_gone(database: postgres.Server, site: int, browser: Browser) -> None:
    """A site says that its database is away, on its pages too, and goes on by itself when it is back."""
    becomes(site, 200)
    database.stop(signal.SIGQUIT)
    _took, stops = becomes(site, 503)
    shown("for want of the database alone", stops == ["database"], stops)
    status, _headers, body = browser.ask("GET", f"/{STREET}/")
    shown("who opens a page meanwhile is asked for patience", status == 503 and b"being restored" in body, body[-1500:])
    database.start()
    becomes(site, 200)
    status, _headers, body = browser.ask("GET", f"/{STREET}/")
    shown("and is still signed in afterwards", status == 200 and b"Sign out" in body, (status, body[-1500:]))


def check_full_disk(browser: Browser, site: int, log: Path) -> None:
    """The smallest installation, without PostgreSQL, on a disk that fills up: refused with a sentence, and nothing is lost."""
    SMALL.mkdir(mode=0o700)
    run("mount", "-t", "tmpfs", "-o", f"size={SMALL_MB}m,mode=0700,uid=hege,gid=hege", "hege-small", SMALL)
    told = (f"HEGE_DATA_DIR={SMALL}", f"HEGE_ALLOWED_HOSTS={HOST}", "HEGE_PROXIES=1", "HEGE_SECOND_FACTOR=offered")
    hege: tuple[str | Path, ...] = (*AS_HEGE, *told, CODE / "bin/hege")
    password = secrets.token_urlsafe(16)
    run(*hege, "setup", "--street", STREET, "--name", "九里亭街道", "--password-stdin", said=f"{password}\n".encode())

    def kept() -> int:
        with closing(sqlite3.connect(f"file:{SMALL}/hege.sqlite3?mode=ro", uri=True)) as rows:
            return int(rows.execute("SELECT count(*) FROM imports_stagedfile").fetchone()[0])

    with running("hege serve", *hege, "serve", "--port", str(site), "--workers", "1", port=site, log=log):
        status, _headers, body = browser.sign_in(password)
        shown("the administrator of a small installation signs in", status == 302, (status, body[-1500:]))
        becomes(site, 200)
        (SMALL / "ballast").write_bytes(bytes(shutil.disk_usage(SMALL).free - (LEFT_MB << 20)))
        sent = 0  # the newest few of one sender are kept
        while sent <= LEFT_MB and (answer := upload(browser, "ZB-9", 1 << 20))[0] == 302:
            sent += 1
        status, _headers, body = answer
        refused = sent and status == 503 and b"disk is full" in body
        shown(f"{sent} forms fill the disk, and the next is refused with a sentence", refused, (status, body[-1500:]))
        _took, stops = becomes(site, 503)
        shown("for want of room alone", stops == ["disk"], stops)
        shown("no row is lost and none is half there", kept() == sent, (kept(), sent))
        status, _headers, body = browser.ask("GET", f"/{STREET}/imports/")
        shown("pages can still be looked at", status == 200 and b"Sign out" in body, (status, body[-1500:]))
        (SMALL / "ballast").unlink()
        becomes(site, 200)
        status, _headers, body = upload(browser, "ZB-9", 1 << 20)
        again = status == 302 and kept() == sent + 1
        shown("with room made it goes on by itself", again, (status, kept(), body[-1500:]))
    run(*hege, "verify")
    shown("and verifies", True)


def check_wrong_host(scratch: Path, site: int) -> None:
    """A proxy that writes its own name for the browser's is told as such."""
    at, (plain, port) = scratch / "wrong", (free_port(), free_port())
    at.mkdir()
    wrong = mend(scratch / "nginx/hege.conf", ("Host $http_host", "Host app:8000"), into=at / "hege.conf")
    text = re.sub(r"listen 127.0.0.1:\d+;", f"listen 127.0.0.1:{plain};", wrong.read_text())
    wrong.write_text(re.sub(r"listen 127.0.0.1:\d+ ssl", f"listen 127.0.0.1:{port} ssl", text))
    main = at / "nginx.conf"
    main.write_text((scratch / "nginx/nginx.conf").read_text().replace(f"{scratch}/nginx", str(at)))
    with running("nginx", "nginx", "-c", main, port=port, log=scratch / "wrong.log"):
        status, _headers, body = Browser(port, scratch / "fullchain.pem").ask("GET", "/sign-in/")
    told = status == 400 and b"app:8000" in body and b"proxy_set_header Host" in body and b"HEGE_ALLOWED_HOSTS" in body
    shown("a proxy that forwards another name is told which, and the mend", told, (status, body[-1500:]))


def check_owner(sql: Callable[[str], str], when: str) -> None:
    """The site's user owns nothing and lacks nothing."""
    owned = sql("SELECT count(*) FROM pg_class WHERE pg_get_userbyid(relowner) = 'hege_site'")
    tables = sql("SELECT count(*) FROM pg_tables WHERE schemaname = 'public' AND tableowner = 'hege_owner'")
    shown(f"{when}: the site's user owns none of {tables} tables", owned == "0" and int(tables) > 50, (owned, tables))
    said = run(COMMAND, "check", codes=(0, 1))
    lacking = [line for line in said.splitlines() if line.startswith("✗")]
    shown(f"{when}: hege check as the site's user finds nothing to be mended first", not lacking, "\n".join(lacking))


# -- all of it -----------------------------------------------------------------------------------------------------------


def try_all(wheel: Path, wheels: Path, scratch: Path) -> None:
    need_the_machine()
    with ExitStack() as ends:
        ends.callback(take_away)
        install(wheel, wheels)
        shown("the wheel is installed at the units' own path", (CODE / "bin/hege").exists())
        check_units()

        database = ends.enter_context(postgres.own_server())
        url = urlsplit(database.url)
        programs = postgres.binaries(scratch, pwd.getpwnam("hege").pw_uid)
        os.environ["PATH"] = f"{programs}{os.pathsep}{os.environ['PATH']}"
        server = ["psql", "-h", "127.0.0.1", "-p", str(url.port), "-U", "hege", "-X", "-q"]
        run(*server, "-d", "postgres", "-f", SHARE / "postgresql/roles.sql")

        def sql(question: str) -> str:
            return run(*server, "-d", "hege", "-A", "-t", "-c", question).strip()

        for file, role in (("hege.env", "hege_site"), ("owner.env", "hege_owner")):
            word = secrets.token_urlsafe(16)
            sql(f"ALTER ROLE {role} PASSWORD '{word}'")
            mend(SETTINGS / file, (f"{role}:PASSWORD@127.0.0.1:5432", f"{role}:{quote(word)}@127.0.0.1:{url.port}"))
        with (SETTINGS / "hege.env").open("a", encoding="utf-8") as more:
            more.write("HEGE_SECOND_FACTOR=offered\n")  # a password alone signs in here

        password = f"一把很长的口令-{secrets.token_hex(4)}"
        setup = (OWNERS, "setup", "--street", STREET, "--name", "九里亭街道", "--password-stdin")
        run(*setup, said=f"{password}\n".encode())
        keys = (DATA / "keys").stat()
        shown("setup makes tables and keys as the owner", keys.st_mode & 0o777 == 0o600 and keys.st_uid != 0, keys)
        check_owner(sql, "after setup")

        name = ("-subj", f"/CN={HOST}", "-addext", f"subjectAltName=DNS:{HOST}")
        pair = ("-keyout", scratch / "privkey.pem", "-out", scratch / "fullchain.pem")
        run("openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2", *name, *pair)

        site = free_port()
        serve = (COMMAND, "serve", "--port", str(site), "--workers", "2")
        proxied = {"nginx": ends.enter_context(nginx(scratch, site)), "Caddy": ends.enter_context(caddy(scratch, site))}
        browsers = {name: Browser(port, scratch / "fullchain.pem") for name, port in proxied.items()}
        for proxy, browser in browsers.items():
            status, headers, _body = browser.ask("GET", "/sign-in/")
            away = status == 503 and headers.get("retry-after") == "10"
            shown(f"{proxy} asks for patience while the site is away", away, (status, headers))
        with running("hege serve", *serve, port=site, log=scratch / "site.log"):
            for proxy, browser in browsers.items():
                print(f"through {proxy}", flush=True)
                check_pages(browser, password, sql)
                check_forms(browser, f"ZB-{proxy}", sql)
                check_edges(browser)
            check_wrong_host(scratch, site)
            check_rounds()
            check_database_gone(database, site, browsers["nginx"])

        copy = COPIES / "before"
        run(COMMAND, "backup", copy)
        run(OWNERS, "backup", "--drill", "--file", copy)
        shown("the owner's drill proves a copy", sql("SELECT well FROM trail_upkeep WHERE kind = 'drill'") == "t")
        run(OWNERS, "restore", "--force", copy)
        check_owner(sql, "after a restore")
        with running("hege serve", *serve, port=site, log=scratch / "site.log"):
            for proxy, port in proxied.items():
                status, _headers, body = Browser(port, scratch / "fullchain.pem").sign_in(password)
                shown(
                    f"after a restore the administrator signs in through {proxy}", status == 302, (status, body[-500:])
                )
        check_full_disk(Browser(proxied["Caddy"], scratch / "fullchain.pem"), site, scratch / "small.log")


def main() -> int:
    wheel, wheels = (Path(argument).resolve() for argument in sys.argv[1:])
    os.umask(0o022)
    for ending in (signal.SIGTERM, signal.SIGHUP):
        signal.signal(ending, lambda number, _frame: sys.exit(128 + number))  # and clear up
    for name in [name for name in os.environ if name.startswith(("HEGE_", "DJANGO_", "PYTHON", "PG"))]:
        del os.environ[name]  # an office has none of these
    with tempfile.TemporaryDirectory(prefix="hege-packaging-") as folder:
        scratch = Path(folder)
        scratch.chmod(0o755)
        try:
            try_all(wheel, wheels, scratch)
        except NotShown as problem:
            print(f"NOT SHOWN: {problem}", file=sys.stderr)
            for log in sorted(scratch.glob("*.log")):
                print(f"-- {log.name}\n{log.read_text(errors='replace')[-3000:]}", file=sys.stderr)
            return 1
    print("make packaging: all shown")
    return 0


if __name__ == "__main__":
    sys.exit(main())
