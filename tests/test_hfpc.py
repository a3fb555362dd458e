"""Labelled pairs: their files read, the gate to the Internet, and pictures fetched from a server in a thread."""

from __future__ import annotations

import argparse
import json
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import httpcore
import numpy as np
import pytest
from rich.console import Console

from evaluator.training.addresses import AddressRefused, Gate, GuardedBackend, is_public
from evaluator.training.downloads import MANIFEST, Downloader, Fetched, Pace, Store
from evaluator.training.hfpc import PAIRS, add_arguments, fetch, run
from evaluator.training.labelled import LabelledPair, LabelsWrong, read_labels, read_table

QUICK = Pace(per_second=10_000, tries=3, wait=0.001, most_bytes=100_000, timeout=5)


def write(path: Path, *lines: object) -> Path:
    path.write_text("\n".join(each if isinstance(each, str) else json.dumps(each) for each in lines) + "\n")
    return path


def test_both_shapes_become_one_list(tmp_path: Path) -> None:
    single = {"origin": "o", "generation": "g", "label": 1}
    several = {"p": {"generations": ["h", "i"], "labels": [0, 1]}, "q": {"generations": ["j"], "labels": [0]}}
    assert read_labels(write(tmp_path / "a.jsonl", single, "", several, single)) == [
        LabelledPair("o", "g", 1),
        LabelledPair("p", "h", 0),
        LabelledPair("p", "i", 1),
        LabelledPair("q", "j", 0),
    ]


def test_wrong_lines_are_named_with_what_to_do(tmp_path: Path) -> None:
    good = {"origin": "o", "generation": "g", "label": 1}
    path = write(
        tmp_path / "a.jsonl",
        good,
        good | {"label": 2},
        {"origin": "o", "label": 1},
        "{broken",
        "[1]",
        {"p": {"generations": ["h", "i"], "labels": [0]}},
        good | {"label": 0},
        good | {"label": True},
        good | {"more": 1},
    )
    with pytest.raises(LabelsWrong) as caught:
        read_labels(path)
    said = str(caught.value)
    assert said.startswith(f"{path}: 8 wrong, line 2: label is '2': ") and said.endswith("delete what is named.")
    for part in (
        "line 3: generation: field required",
        "line 4: no JSON",
        "line 5: no JSON object",
        "line 6: 2 generations have 1 labels",
        "line 7: it is labelled 0, and 1 in line 1",
        "line 8: label is 'True'",
        "line 9: more is '1'",
    ):
        assert part in said


def test_a_file_without_pairs_is_refused(tmp_path: Path) -> None:
    with pytest.raises(LabelsWrong, match="holds no pairs"):
        read_labels(write(tmp_path / "a.jsonl", ""))
    with pytest.raises(FileNotFoundError, match=r"no file .*gone\.jsonl"):
        read_labels(tmp_path / "gone.jsonl")
    (tmp_path / "b.jsonl").write_bytes(b"\xff\xfe")
    with pytest.raises(LabelsWrong, match="no UTF-8"):
        read_labels(tmp_path / "b.jsonl")


def test_a_table_names_its_pictures_from_its_own_folder(tmp_path: Path) -> None:
    for name in ("a.png", "b.png"):
        (tmp_path / name).touch()
    path = write(
        tmp_path / "pairs.csv", "label,original,generated,note", "1,a.png,b.png,x", f"0,b.png,{tmp_path}/a.png,"
    )
    a, b = str(tmp_path / "a.png"), str(tmp_path / "b.png")
    assert read_table(path) == [LabelledPair(a, b, 1), LabelledPair(b, a, 0)]
    write(path, "original,generated,label", "a.png,b.png,yes", "a.png,c.png,1")
    with pytest.raises(LabelsWrong, match=r"2 wrong, line 2: the label is 'yes'.*line 3: there is no picture .*c\.png"):
        read_table(path)
    write(path, "original,label", "a.png,1")
    with pytest.raises(LabelsWrong, match="no column generated"):
        read_table(path)


def test_the_command_shows_what_the_files_hold(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    lines = [{"origin": f"o{n // 2}", "generation": f"g{n}", "label": int(n == 0)} for n in range(4)]
    path = write(tmp_path / "labels.jsonl", *lines)
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    assert run(parser.parse_args([str(path)])) == 0
    row = next(line for line in capsys.readouterr().out.splitlines() if "labels.jsonl" in line)
    assert [cell.strip() for cell in row.strip("│").split("│")][1:] == ["4", "2", "2.0", "1", "25.0%", "6"]
    with pytest.raises(SystemExit):
        parser.parse_args([str(path), "--per-second", "0"])
    assert "'0' is no number over 0" in capsys.readouterr().err


PRIVATE = (
    *("127.0.0.1", "10.1.2.3", "172.16.0.1", "192.168.1.1", "169.254.169.254", "0.0.0.0", "100.64.0.1", "224.0.0.1"),
    *("240.0.0.1", "255.255.255.255", "192.0.0.8", "192.88.99.1", "198.18.0.1", "::1", "::", "::ffff:10.0.0.1"),
    *("::ffff:127.0.0.1", "::10.0.0.1", "fe80::1", "fe80::1%eth0", "2606:4700::1%eth0", "fc00::1", "fec0::1"),
    *("ff0e::1", "2002:7f00:1::1", "2001:0:1::1", "64:ff9b::a00:1", "64:ff9b:1::1", "2001:db8::1", "localhost", ""),
)


def test_only_the_public_internet_is_public() -> None:
    assert [each for each in PRIVATE if is_public(each)] == []
    public = ("8.8.8.8", "1.1.1.1", "::ffff:8.8.8.8", "2606:4700:4700::1111", "2a00:1450:4001::1")
    assert [each for each in public if not is_public(each)] == []


@pytest.mark.parametrize(
    ("address", "why"),
    [
        ("http://127.0.0.1/a.png", "leads to 127.0.0.1, which is no public"),
        ("http://10.0.0.1/a.png", "no public"),
        ("http://169.254.169.254/latest/meta-data", "no public"),
        ("http://[::1]/a.png", "no public"),
        ("https://[::ffff:10.0.0.1]/a.png", "no public"),
        ("http://localhost/a.png", "no public"),
        ("http://2130706433/a.png", "leads to 127.0.0.1"),
        ("http://0x7f.1/a.png", "leads to 127.0.0.1"),
        ("file:///etc/passwd", "neither http nor https"),
        ("ftp://8.8.8.8/a.png", "neither http nor https"),
        ("http:///a.png", "names no host"),
        ("http://me:secret@8.8.8.8/a.png", "name or password"),
        ("http://8.8.8.8:22/a.png", "port 22, expected 80 or 443"),
        ("https://8.8.8.8:8443/a.png", "port 8443"),
        ("http://[::1/a.png", "no address"),
    ],
)
def test_what_must_not_be_asked_is_refused(address: str, why: str, tmp_path: Path) -> None:
    with Downloader(Store(tmp_path), QUICK) as downloader:
        found = downloader.fetch(address)
    assert why in found.error and found.final and "secret" not in found.error
    assert not list((tmp_path / "files").iterdir())


def test_one_private_answer_among_public_ones_is_refused() -> None:
    gate = Gate(lambda host, port: ["8.8.8.8", "10.0.0.1"])
    with pytest.raises(AddressRefused, match=r"'name\.test' leads to 10\.0\.0\.1"):
        gate.place("name.test", 80)


def test_sockets_of_this_machine_are_refused() -> None:
    with pytest.raises(AddressRefused):
        GuardedBackend(Gate()).connect_unix_socket("/run/any.sock")


@dataclass
class Site:
    """A server on this machine: what it answers by path, in turn, and what it was asked."""

    port: int = 0
    answers: dict[str, list[tuple[int, dict[str, str], bytes]]] = field(default_factory=dict)
    asked: list[str] = field(default_factory=list)
    resolved: list[str] = field(default_factory=list)

    def url(self, path: str) -> str:
        return f"http://pictures.test:{self.port}{path}"

    def gate(self) -> Gate:
        """Trust this one server, under whatever name."""

        def resolver(host: str, port: int) -> list[str]:
            self.resolved.append(host)
            return ["127.0.0.1"]

        return Gate(resolver, frozenset((self.port,)), frozenset(("127.0.0.1",)))


@pytest.fixture
def site() -> Iterator[Site]:
    found = Site()

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            found.asked.append(f"{self.headers['Host']}{self.path}")
            turns = found.answers.get(self.path, [(404, {}, b"")])
            status, headers, body = turns.pop(0) if len(turns) > 1 else turns[0]
            self.send_response(status)
            for name, value in ({"Content-Length": str(len(body))} | headers).items():
                if value:
                    self.send_header(name, value)
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *values: object) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    found.port = server.server_address[1]
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    yield found
    server.shutdown()
    thread.join()
    server.server_close()


@pytest.fixture
def png(encode: Callable[..., bytes]) -> bytes:
    return encode(np.random.default_rng(1).integers(0, 256, (40, 40, 3), np.uint8))


def test_a_picture_is_kept_by_what_is_in_it(site: Site, png: bytes, tmp_path: Path) -> None:
    site.answers = {"/a": [(200, {}, png)], "/b": [(200, {}, png)], "/c": [(302, {"Location": "/a"}, b"")]}
    store = Store(tmp_path)
    with Downloader(store, QUICK, site.gate()) as downloader:
        found = list(downloader.run([site.url(path) for path in ("/a", "/b", "/c")]))
    assert not any(each.error for each in found) and len({each.file for each in found}) == 1
    assert (tmp_path / found[0].file).read_bytes() == png and found[0].file.endswith(".png")
    assert site.asked == [f"pictures.test:{site.port}/{path}" for path in "abca"]
    assert site.resolved == ["pictures.test"] * 2, "a connection is used again until a redirect ends it"


def test_a_second_run_asks_only_what_is_left(site: Site, png: bytes, tmp_path: Path) -> None:
    site.answers = {"/a": [(200, {}, png)], "/late": [*[(503, {}, b"")] * 3, (200, {}, png)]}
    wanted = [site.url(path) for path in ("/a", "/gone", "/late")]
    with Downloader(Store(tmp_path), QUICK, site.gate()) as downloader:
        first = list(downloader.run(wanted))
    assert [each.error for each in first] == ["", "it answers 404", "it answers 503, 3 times"]
    with (tmp_path / MANIFEST).open("a") as file:
        file.write('{"address": "http://broken')  # as a machine that stops in the midst of writing leaves it
    site.asked.clear()
    with Downloader(Store(tmp_path), QUICK, site.gate()) as downloader:
        second = list(downloader.run(wanted))
    assert [each.address for each in second] == wanted[2:] and not second[0].error
    assert len(site.asked) == 1
    assert all(Store(tmp_path).done(address) for address in wanted)
    (tmp_path / second[0].file).unlink()
    assert not Store(tmp_path).done(wanted[0]), "a file that was deleted is fetched again"


def test_a_damaged_manifest_says_where(tmp_path: Path) -> None:
    Store(tmp_path).note(Fetched("x", error="gone"))
    with (tmp_path / MANIFEST).open("a") as file:
        file.write("{}}\n")
    with pytest.raises(ValueError, match=r"manifest\.jsonl is damaged after \d+ bytes"):
        Store(tmp_path)


@pytest.mark.parametrize(
    ("answer", "why"),
    [
        ((200, {}, b"<html>not a picture</html>"), "is not a picture that can be read"),
        ((200, {}, bytes(100_001)), "it is 0.1 MB, over the limit"),
        ((200, {"Content-Length": "999999999"}, b""), "1000.0 MB, over the limit"),
        ((200, {"Content-Encoding": "gzip"}, b"x"), "it sends gzip"),
        ((302, {}, b""), "without saying where"),
        ((302, {"Location": "/it"}, b""), "more than 5 times"),
        ((302, {"Location": "http://8.8.8.8:22/"}, b""), "at port 22"),
        ((302, {"Location": "file:///etc/passwd"}, b""), "neither http nor https"),
        ((302, {"Location": "http://me:secret@pictures.test/"}, b""), "name or password"),
        ((302, {"Location": "http://[::1/"}, b""), "no address"),
    ],
)
def test_what_is_no_picture_is_not_kept(
    site: Site, answer: tuple[int, dict[str, str], bytes], why: str, tmp_path: Path
) -> None:
    site.answers = {"/it": [answer]}
    with Downloader(Store(tmp_path), QUICK, site.gate()) as downloader:
        found = downloader.fetch(site.url("/it"))
    assert why in found.error and found.final
    assert not list((tmp_path / "files").iterdir())


@pytest.mark.parametrize("place", ["10.0.0.1", "169.254.169.254", "::1", "::ffff:10.0.0.1"])
def test_a_redirect_to_a_private_address_is_refused(site: Site, place: str, tmp_path: Path) -> None:
    host = f"[{place}]" if ":" in place else place
    site.answers = {"/it": [(302, {"Location": f"http://{host}:{site.port}/secret"}, b"")]}
    trusted = site.gate()
    gate = replace(trusted, resolver=lambda host, port: ["127.0.0.1"] if host == "pictures.test" else [host])
    with Downloader(Store(tmp_path), QUICK, gate) as downloader:
        found = downloader.fetch(site.url("/it"))
    assert f"leads to {place}, which is no public address" in found.error
    assert len(site.asked) == 1


def test_a_body_without_end_is_cut_off(site: Site, tmp_path: Path) -> None:
    site.answers = {"/it": [(200, {"Content-Length": "", "Connection": "close"}, bytes(3_000_000))]}
    with Downloader(Store(tmp_path), QUICK, site.gate()) as downloader:
        found = downloader.fetch(site.url("/it"))
    assert found.error == "it is over the limit of 0 MB" and found.final


def test_nobody_home_is_tried_again_by_the_next_run(site: Site, tmp_path: Path) -> None:
    def nobody(host: str, port: int) -> list[str]:
        raise OSError("unknown name")

    with Downloader(Store(tmp_path), QUICK, Gate(nobody)) as downloader:
        found = downloader.fetch("http://pictures.test/a")
    assert (found.error, found.final) == ("unknown name, 3 times", False)
    assert not Store(tmp_path).done("http://pictures.test/a")


def test_requests_keep_their_distance(site: Site, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    waits: list[float] = []
    monkeypatch.setattr("evaluator.training.downloads.time.sleep", waits.append)
    site.answers = {"/busy": [(429, {"Retry-After": "7"}, b"")]}
    with Downloader(Store(tmp_path), replace(QUICK, per_second=0.5, wait=2.0), site.gate()) as downloader:
        downloader.fetch(site.url("/busy"))
    held, asked = [each for each in waits if each not in (7.0,)], [each for each in waits if each == 7.0]
    assert len(asked) == 2, "the server's own wish goes before ours"
    assert len(held) == 2 and all(1.0 < each <= 4.0 for each in held)


def test_a_set_is_fetched_stopped_and_finished(
    site: Site, encode: Callable[..., bytes], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    random = np.random.default_rng(2)
    for name in "abcd":
        site.answers[f"/{name}"] = [(200, {}, encode(random.integers(0, 256, (40, 40, 3), np.uint8)))]
    pairs = [
        LabelledPair(site.url("/a"), site.url("/b"), 1),
        LabelledPair(site.url("/a"), site.url("/c"), 0),
        LabelledPair(site.url("/a"), site.url("/gone"), 0),
    ]
    trusted = site.gate()

    def interrupted(host: str, port: int) -> list[str]:
        if len(site.resolved) > 0:
            raise KeyboardInterrupt
        return list(trusted.resolver(host, port))

    # The server closes after each answer, so that every picture asks the resolver: the second time, someone stops.
    for answers in site.answers.values():
        answers[0][1]["Connection"] = "close"
    folder, console = tmp_path / "set", Console(width=200)
    assert fetch(pairs, folder, QUICK, replace(trusted, resolver=interrupted), console) == 130
    said = capsys.readouterr().out
    assert "0 of 4 pictures are settled; 4 to ask for" in said and "run the same command again" in said
    assert fetch(pairs, folder, QUICK, trusted, console) == 1
    said = capsys.readouterr().out
    assert "1 of 4 pictures are settled; 3 to ask for" in said
    assert f"not fetched: {site.url('/gone')}: it answers 404" in said and "2 of 3 pairs are whole" in said
    found = read_table(folder / PAIRS)
    assert [pair.label for pair in found] == [1, 0]
    assert Path(found[0].generation).read_bytes() == site.answers["/b"][0][2]


def test_https_does_not_go_on_without_tls(site: Site) -> None:
    # A plain server cannot greet as TLS does: the attempt fails rather than going on unguarded.
    with (
        httpcore.ConnectionPool(network_backend=GuardedBackend(site.gate())) as pool,
        pytest.raises(Exception) as caught,
    ):
        pool.request("GET", f"https://pictures.test:{site.port}/a")
    assert "SSL" in str(caught.value)
