"""Turns a text, English or Chinese, into rows of the text tower's table; both languages meet in the same rows.

A word of the vocabulary has a row of its own. Any other English word is the mean of its hashed parts (itself and its
3- and 4-grams, as in fastText: Bojanowski et al., 2017), so that it, too, says something. A Chinese term is read,
longest first, as the English words that it stands for; unknown characters are hashed one by one.
"""

from __future__ import annotations

import hashlib
import json
import re
import unicodedata
import zlib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path

import numpy as np
import numpy.typing as npt

from evaluator.errors import EvaluatorError

Rows = npt.NDArray[np.int64]
"""n×t×g: texts, their words, each word's rows; PAD where there is none."""

FILE = Path(__file__).with_name("vocabulary.json")
PAD, START = 0, 1
BUCKETS = 8192
LONGEST = 32
"""Most words of a text that are read, the start among them."""
_FIRST_WORD = 2
_GRAMS = (3, 4)
_MOST_GRAMS = 24
_LATIN = re.compile(r"[a-z0-9]+")
_CHINESE = re.compile(r"[\u3400-\u4dbf\u4e00-\u9fff]")


class VocabularyBroken(EvaluatorError):
    """The list of words that the text tower was taught with is not there or damaged."""

    en = "The vocabulary at {path} cannot be read ({why}); install the package again, or fetch the repository whole."
    zh = "无法读取 {path} 处的词表（{why}）；请重新安装软件包，或完整获取代码仓库。"


@dataclass(frozen=True)
class Vocabulary:
    """The words with rows of their own, what Chinese terms mean in them, and what is passed over.

    `same` are spellings that stand for other words; `checksum` is the SHA-256 of the file, on which rows depend.
    """

    rows: Mapping[str, int]
    chinese: Mapping[str, tuple[str, ...]]
    stop_english: frozenset[str]
    stop_chinese: frozenset[str]
    same: Mapping[str, tuple[str, ...]]
    checksum: str

    @property
    def size(self) -> int:
        """How many rows the table has: pad, start, the words and the buckets."""
        return _FIRST_WORD + len(self.rows) + BUCKETS

    def words(self, text: str) -> list[str]:
        """Return the words of a text in their order: English stems, and Chinese characters that are unknown."""
        found: list[str] = []
        for piece, chinese in self._pieces(_fold(text)):
            if not chinese:
                found += [] if piece in self.stop_english else self.stems(piece)
            elif piece in self.chinese:
                found += self.chinese[piece]
            elif piece not in self.stop_chinese:
                found.append(piece)
        return found

    def _pieces(self, text: str) -> Iterator[tuple[str, bool]]:
        """Yield Latin words, and Chinese terms, the longest that fits: it may hold Latin letters, as 维c does."""
        longest = max(map(len, self.chinese), default=1)
        at = 0
        while at < len(text):
            latin = _LATIN.match(text, at)
            for end in range(min(len(text), at + longest), at, -1):
                piece = text[at:end]
                if (piece in self.chinese or piece in self.stop_chinese) and not _cut(text, end):
                    yield piece, True
                    at = end
                    break
            else:
                if latin:
                    yield latin[0], False
                elif _CHINESE.match(text[at]):
                    yield text[at], True
                at = latin.end() if latin else at + 1

    def stems(self, word: str) -> list[str]:
        """Return what a folded English word is looked up as: its other spelling, or itself without its plural."""
        for each in (word, stem(word)):
            if each in self.same:
                return list(self.same[each])
        return [stem(word)]

    def parts(self, word: str, hashed: bool = False) -> list[int]:
        """Return the rows whose mean is the word: its own where it has one and `hashed` is off, else its parts'."""
        if word in self.rows and not hashed:
            return [self.rows[word]]
        if _CHINESE.match(word):
            return [self._bucket(word)]
        framed = f"<{word}>"
        grams = [framed[i : i + n] for n in _GRAMS for i in range(len(framed) - n + 1)]
        return [self._bucket(each) for each in [framed, *grams][:_MOST_GRAMS]]

    def _bucket(self, part: str) -> int:
        # A checksum, since Python's own hash changes from run to run.
        return _FIRST_WORD + len(self.rows) + zlib.crc32(part.encode()) % BUCKETS

    def tokenize(self, texts: Sequence[str]) -> Rows:
        """Return the rows of each text's words, START first; longer texts are cut at LONGEST words."""
        read = [[[START], *map(self.parts, self.words(text)[: LONGEST - 1])] for text in texts]
        return pack(read)


def pack(read: Sequence[Sequence[Sequence[int]]]) -> Rows:
    """Return lists of words' rows as one array, padded with PAD."""
    most = max((len(text) for text in read), default=1)
    deep = max((len(word) for text in read for word in text), default=1)
    rows = np.full((len(read), most, deep), PAD, np.int64)
    for i, text in enumerate(read):
        for j, word in enumerate(text):
            rows[i, j, : len(word)] = word
    return rows


def _fold(text: str) -> str:
    plain = unicodedata.normalize("NFKD", text).casefold()
    plain = "".join(each for each in plain if not unicodedata.combining(each))
    return plain.replace("’", "'").replace("'s", "").replace("'", "")


def _cut(text: str, end: int) -> bool:
    """Whether a piece that ends here would cut a Latin word."""
    return end < len(text) and bool(_LATIN.match(text[end - 1])) and bool(_LATIN.match(text[end]))


def stem(word: str) -> str:
    """Return a folded English word without its plural."""
    if len(word) > 4 and word.endswith("ies"):
        return word[:-3] + "y"
    if len(word) > 4 and word.endswith(("ches", "shes", "sses", "xes")):
        return word[:-2]
    if len(word) > 3 and word.endswith("s") and not word.endswith(("ss", "us", "is")):
        return word[:-1]
    return word


@cache
def load_vocabulary(file: Path = FILE) -> Vocabulary:
    """Return the vocabulary of a file. Raises VocabularyBroken."""
    try:
        return parse_vocabulary(file.read_bytes())
    except OSError as error:
        raise VocabularyBroken(path=file, why=error.strerror) from None
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise VocabularyBroken(path=file, why=f"{type(error).__name__}: {error}") from None


def parse_vocabulary(data: bytes) -> Vocabulary:
    """Return the vocabulary of a file's bytes: JSON with `words`, `chinese`, `same` and `stop`."""
    kept = json.loads(data)
    return Vocabulary(
        rows={word: at for at, word in enumerate(kept["words"], _FIRST_WORD)},
        chinese={term: tuple(words.split()) for term, words in kept["chinese"].items()},
        stop_english=frozenset(kept["stop"]["en"]),
        stop_chinese=frozenset(kept["stop"]["zh"]),
        same={word: tuple(words.split()) for word, words in kept["same"].items()},
        checksum=hashlib.sha256(data).hexdigest(),
    )


def tokenize(texts: Sequence[str]) -> Rows:
    """Return the rows of texts by the packaged vocabulary, n×t×g. Raises VocabularyBroken."""
    return load_vocabulary().tokenize(texts)
