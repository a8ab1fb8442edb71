"""Alerts: who is told what, how often it is tried, and what is never said."""

from __future__ import annotations

import json
import socketserver
import sys
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from crm_cli.jobs.auditing import AlertTargets, Smtp, send_alerts

MESSAGE: dict[str, Any] = {
    "subject": "crm audit of 2026-06-15: 1 of 2 policies at error or worse", "exit_code": 3,
    "policies": [{"policy": "no-title", "level": "error", "records": 9, "failing": 4, "new": 1}],
}  # fmt: skip
SECRET = "s3cr3t-t0k3n"


class Web(ThreadingHTTPServer):
    """A web server that answers with these codes in turn, then with the last, and keeps what was posted."""

    def __init__(self, *codes: int) -> None:
        posted = self.posted = list[tuple[str, dict[str, str], Any]]()
        left = list(codes)

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                posted.append((self.path, dict(self.headers), json.loads(body)))
                self.send_response(left.pop(0) if len(left) > 1 else left[0], f"echo {SECRET}")
                self.send_header("Location", "/elsewhere")
                self.end_headers()
                self.wfile.write(SECRET.encode())

            def log_message(self, *args: object) -> None:
                """Say nothing."""

        super().__init__(("127.0.0.1", 0), Handler)


class Mail(socketserver.ThreadingTCPServer):
    """A mail server that takes one password and answers the first letters with these codes, then with 250."""

    allow_reuse_address = True

    def __init__(self, *codes: int) -> None:
        letters, said, left = list[str](), list[str](), list(codes)
        self.letters, self.said = letters, said

        class Handler(socketserver.StreamRequestHandler):
            def handle(self) -> None:
                self.say("220 here")
                while line := self.rfile.readline().decode().strip():
                    said.append(line)
                    verb = line.split()[0].upper()
                    if verb == "EHLO":
                        self.say("250-here", "250 AUTH PLAIN")
                    elif verb == "AUTH":  # \\0maria\\0s3cr3t-t0k3n
                        self.say("235 in" if line.endswith("AG1hcmlhAHMzY3IzdC10MGszbg==") else f"535 no {SECRET}")
                    elif verb == "DATA":
                        self.say("354 go on")
                        letters.append("".join(iter(lambda: self.rfile.readline().decode(), ".\r\n")))
                        self.say(f"{left.pop(0) if left else 250} done")
                    elif verb == "QUIT":
                        self.say("221 bye")
                        return
                    else:
                        self.say("250 well")

            def say(self, *lines: str) -> None:
                self.wfile.write("".join(f"{line}\r\n" for line in lines).encode())

        super().__init__(("127.0.0.1", 0), Handler)


@pytest.fixture
def started(monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    """Start a server, and stop it after the test."""
    monkeypatch.setenv("no_proxy", "127.0.0.1")
    servers: list[Any] = []

    def start(server: Any) -> Any:
        servers.append(server)
        threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True).start()
        return server

    yield start
    for server in servers:
        server.shutdown()
        server.server_close()


def port(server: socketserver.BaseServer) -> int:
    return int(server.server_address[1])


def send(targets: AlertTargets, **more: Any) -> tuple[list[str], list[float]]:
    pauses: list[float] = []
    faults = send_alerts(MESSAGE, targets, sleep=pauses.append, **more)
    assert SECRET not in "".join(faults)
    assert SECRET not in repr(targets)
    return faults, pauses


def to_web(server: Web, token: str = "") -> AlertTargets:
    return AlertTargets(webhook=f"http://127.0.0.1:{port(server)}/hooks/{SECRET}", token=token)


def to_mail(server: Mail, **more: Any) -> AlertTargets:
    given = {"security": "none", "recipients": ("a@x.example", "b@x.example"), **more}
    return AlertTargets(smtp=Smtp("127.0.0.1", port(server), "crm@x.example", **given))


def test_a_webhook_is_posted_to_with_its_token_until_it_answers(started: Any) -> None:
    server = started(Web(503, 429, 200))
    assert send(to_web(server, SECRET)) == ([], [1.0, 2.0])
    assert len(server.posted) == 3
    path, headers, body = server.posted[-1]
    assert (path, headers["Authorization"], body) == (f"/hooks/{SECRET}", f"Bearer {SECRET}", MESSAGE)


@pytest.mark.parametrize(("code", "attempts"), [(500, 3), (404, 1), (302, 1), (307, 1)])
def test_what_a_webhook_refuses_is_said_and_no_redirect_followed(started: Any, code: int, attempts: int) -> None:
    server = started(Web(code))
    [fault], _ = send(to_web(server, SECRET))
    assert fault == f"the alert was not sent (webhook 127.0.0.1): HTTP {code}, attempt {attempts}"
    assert len(server.posted) == attempts
    assert {path for path, _, _ in server.posted} == {f"/hooks/{SECRET}"}


def test_nobody_listening_and_a_silent_server_are_given_up(started: Any) -> None:
    server = started(Web(200))
    gone = to_web(server)
    server.shutdown()
    server.server_close()
    [fault], pauses = send(gone)
    assert "ConnectionRefusedError" in fault
    assert pauses == [1.0, 2.0]
    with socketserver.TCPServer(("127.0.0.1", 0), socketserver.BaseRequestHandler) as deaf:  # accepts, never answers
        [fault], _ = send(to_web(deaf), attempts=1, timeout=0.1)  # type: ignore[arg-type]
    assert "webhook 127.0.0.1" in fault


def test_mail_is_sent_with_a_password_and_again_after_a_passing_fault(started: Any) -> None:
    server = started(Mail(451))
    assert send(to_mail(server, user="maria", password=SECRET)) == ([], [1.0])
    assert len(server.letters) == 2
    assert "Subject: crm audit of 2026-06-15: 1 of 2 policies at error or worse" in server.letters[-1]
    assert "To: a@x.example, b@x.example" in server.letters[-1]
    assert "error: no-title, 4 of 9 records, 1 of them new" in server.letters[-1]


@pytest.mark.parametrize(
    ("more", "said"),
    [({"user": "maria", "password": f"{SECRET}!"}, "SMTP 535"), ({"security": "starttls"}, "SMTPNotSupportedError")],
)
def test_a_refused_password_and_a_server_without_encryption_get_nothing(
    started: Any, more: dict[str, str], said: str
) -> None:
    server = started(Mail())
    [fault], pauses = send(to_mail(server, **more))
    assert fault == f"the alert was not sent (mail by 127.0.0.1): {said}, attempt 1"
    assert (pauses, server.letters) == ([], [])


def test_a_command_reads_the_message_and_no_shell_sees_it(tmp_path: Path) -> None:
    program = "import sys, pathlib; pathlib.Path(sys.argv[1]).write_text(sys.stdin.read()); sys.exit(int(sys.argv[2]))"
    told = tmp_path / "a $(touch b); file"
    command = (sys.executable, "-c", program, str(told))
    assert send(AlertTargets(command=(*command, "0"))) == ([], [])
    assert json.loads(told.read_text()) == MESSAGE
    assert list(tmp_path.iterdir()) == [told]
    [fault], pauses = send(AlertTargets(command=(*command, "7")))
    assert ("it ended with 7, attempt 3" in fault, pauses) == (True, [1.0, 2.0])
    [fault], _ = send(AlertTargets(command=(str(tmp_path / "none"), SECRET)))
    assert "No such file or directory, attempt 1" in fault
    slow = AlertTargets(command=(sys.executable, "-c", "import time; time.sleep(9)"))
    [fault], _ = send(slow, attempts=1, timeout=0.2)
    assert "it took longer than 0.2 seconds" in fault


def test_one_target_that_fails_does_not_keep_the_others_from_being_told(started: Any) -> None:
    server = started(Web(200))
    targets = AlertTargets(command=("/nonexistent/notify",), webhook=to_web(server).webhook)
    assert len(send(targets)[0]) == 1
    assert len(server.posted) == 1
