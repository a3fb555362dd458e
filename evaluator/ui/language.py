"""Makes `?lang=` in the page's address the language that Gradio's own labels follow.

Gradio translates its labels in the browser, by its first language, before it loads any script of ours
itself. So this one goes into the head of the page on its way out.
"""

from __future__ import annotations

from starlette.datastructures import MutableHeaders
from starlette.types import ASGIApp, Message, Receive, Scope, Send

SCRIPT = b"""<script>
(() => {
  const asked = new URLSearchParams(location.search).get("lang") || navigator.language;
  const spoken = asked.toLowerCase().startsWith("zh") ? "zh-CN" : "en";
  Object.defineProperty(navigator, "language", { get: () => spoken });
  Object.defineProperty(navigator, "languages", { get: () => [spoken] });
  document.documentElement.lang = spoken;
})();
</script>"""
"""Tells Gradio one of the languages that the page speaks, in the spelling that Gradio knows."""
HEAD = b"<head>"


class AddressLanguage:
    """Puts the script into the page at `/`; every other answer passes untouched."""

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        if scope["type"] != "http" or scope["method"] != "GET" or scope["path"] != "/":
            await self.app(scope, receive, send)
            return
        start: Message = {}
        body = bytearray()

        async def hold(message: Message) -> None:
            nonlocal start
            if message["type"] == "http.response.start":
                start = message
                return
            body.extend(message.get("body", b""))
            if message.get("more_body", False):
                return
            page = bytes(body).replace(HEAD, HEAD + SCRIPT, 1)
            MutableHeaders(raw=start["headers"])["content-length"] = str(len(page))
            await send(start)
            await send({"type": "http.response.body", "body": page})

        await self.app(scope, receive, hold)
