"""The app: assembled once, served, and called through its endpoint as another program would."""

from __future__ import annotations

import asyncio
import contextlib
import os
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from gradio_client import Client, handle_file
from gradio_client.exceptions import AppError
from starlette.types import Message, Receive, Scope, Send

import app
from evaluator import Evaluator
from evaluator.errors import Internal
from evaluator.standard import load as load_standard
from evaluator.ui.language import SCRIPT, AddressLanguage
from evaluator.ui.page import assemble
from evaluator.ui.words import load as load_words

ROOT = Path(__file__).parent.parent
PATIENCE = 120.0
"""Seconds to wait for the page on a busy machine."""


@contextlib.contextmanager
def served(cache: Path) -> Iterator[str]:
    """Run `python app.py` on a free port and yield its address once it answers."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    environment = os.environ | {"GRADIO_SERVER_PORT": str(port), "GRADIO_TEMP_DIR": str(cache)}
    environment["VITRINE_DATA"] = str(cache / "data")
    address, log = f"http://127.0.0.1:{port}/", cache / "log.txt"
    with log.open("wb") as output:
        server = subprocess.Popen(
            [sys.executable, "app.py"], cwd=ROOT, env=environment, stdout=output, stderr=subprocess.STDOUT
        )
        try:
            give_up = time.monotonic() + PATIENCE
            while not _answers(address):
                if server.poll() is not None or time.monotonic() > give_up:
                    pytest.fail(f"the page did not come up: {log.read_text(errors='replace')}")
                time.sleep(0.2)
            yield address
        finally:
            server.terminate()
            server.wait(timeout=30)


def _answers(address: str) -> bool:
    try:
        with urllib.request.urlopen(address, timeout=5) as answer:
            return answer.status == 200
    except (urllib.error.URLError, TimeoutError, ConnectionError):
        return False


class WordlessTab:
    """A tab that only says its name."""

    def translations(self) -> dict[str, dict[str, str]]:
        return {"en": {"second.tab": "Second"}, "zh": {"second.tab": "第二"}}

    def add(self, page: gr.Blocks, i18n: gr.I18n) -> None:
        with gr.Tab(i18n("second.tab")):
            gr.Markdown("nothing")


class FailingEvaluator:
    """Cannot judge anything."""

    def score(self, source: object) -> object:
        raise Internal(name="the warm-up", why="no strength")


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with served(tmp_path_factory.mktemp("cache")) as page:
        yield page


def in_loop(make: Callable[[], tuple[gr.Blocks, gr.I18n]]) -> tuple[gr.Blocks, gr.I18n]:
    """Call `make` inside an event loop: outside of one Gradio makes its own and never closes it."""

    async def run() -> tuple[gr.Blocks, gr.I18n]:
        return make()

    return asyncio.run(run())


@pytest.fixture(scope="module")
def client(address: str) -> Iterator[Client]:
    client = Client(address, verbose=False)
    yield client
    client.close()


@pytest.fixture
def product(tmp_path: Path, encode: Callable[..., bytes]) -> Path:
    """A red box on a white ground."""
    picture = np.full((240, 240, 3), 255, np.uint8)
    picture[40:200, 60:180] = (170, 60, 40)
    file = tmp_path / "box.png"
    file.write_bytes(encode(picture))
    return file


def test_the_endpoint_judges_a_picture_as_python_does(client: Client, product: Path) -> None:
    data = client.predict(handle_file(product), "amazon", api_name="/score")
    expected = Evaluator().score(product, profile="amazon")
    assert data["score"] == expected.score
    assert data["verdict"] == expected.verdict
    assert (data["path"], data["name"]) == (None, "box.png")
    assert data["stamp"]["profile"] == "amazon"
    assert sum(part["adds"] for part in data["parts"]) == pytest.approx(data["score"], abs=0.006)


def test_the_endpoint_takes_the_first_channel_unless_told(client: Client, product: Path) -> None:
    data = client.predict(handle_file(product), api_name="/score")
    assert data["stamp"]["profile"] == load_standard().profiles[0].id


def test_the_endpoint_answers_a_broken_file_with_its_sentence(client: Client, tmp_path: Path) -> None:
    file = tmp_path / "note.jpg"
    file.write_text("only its name says that this is a picture")
    with pytest.raises(AppError, match=r"note\.jpg is not a picture") as caught:
        client.predict(handle_file(file), api_name="/score")
    assert "Traceback" not in str(caught.value)


def test_only_the_contracts_endpoints_are_public(client: Client) -> None:
    named = client.view_api(return_format="dict", print_info=False)["named_endpoints"]
    assert set(named) == {"/score", "/compare", "/search_styles", "/style", "/brand_fit"}


def test_uploads_are_swept_within_half_an_hour() -> None:
    page, _ = in_loop(lambda: app.build(Evaluator()))
    every, age = page.delete_cache
    assert every + age <= 30 * 60
    assert page.analytics_enabled is False


def test_a_tab_is_one_object_with_labels_of_its_own() -> None:
    page, labels = in_loop(lambda: assemble([WordlessTab()], load_standard(), load_words()))
    assert labels.translations_dict["zh"]["second.tab"] == "第二"
    assert labels.translations_dict["zh"]["page.title"] == "Vitrine"
    assert any(isinstance(block, gr.Tab) for block in page.blocks.values())


@pytest.mark.parametrize(("path", "changed"), [("/", True), ("/file.html", False)])
def test_the_page_learns_its_language_before_gradio_does(path: str, changed: bool) -> None:
    async def page(scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": [(b"content-length", b"21")]})
        await send({"type": "http.response.body", "body": b"<html><head>", "more_body": True})
        await send({"type": "http.response.body", "body": b"</head></"})

    async def nothing() -> Message:
        return {"type": "http.disconnect"}

    sent: list[Message] = []

    async def keep(message: Message) -> None:
        sent.append(message)

    asyncio.run(AddressLanguage(page)({"type": "http", "method": "GET", "path": path}, nothing, keep))
    body = b"".join(message.get("body", b"") for message in sent)
    assert (SCRIPT in body) is changed
    assert body.replace(SCRIPT, b"") == b"<html><head></head></"
    assert sent[0]["headers"] == [(b"content-length", str(len(body)).encode())]


def test_warming_up_judges_a_real_picture(capsys: pytest.CaptureFixture[str]) -> None:
    app.warm(Evaluator())
    assert capsys.readouterr().out == ""


def test_a_failed_warm_up_is_said_and_survived(capsys: pytest.CaptureFixture[str]) -> None:
    app.warm(FailingEvaluator())
    assert "no strength" in capsys.readouterr().out
