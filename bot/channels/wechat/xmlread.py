"""WeChat's XML read without a tree and without anything that expands: expat, DOCTYPE and entities refused."""

from __future__ import annotations

from xml.parsers import expat

MAX_DEPTH = 8
MAX_FIELDS = 512


class XmlError(Exception):
    """Not XML that WeChat would send; ``args[0]`` is one word for the log."""


def read(data: bytes) -> dict[str, str]:
    """The leaves below the root by path (``ToUserName``, ``ScanCodeInfo/ScanResult``), first of each name.

    The encoding is UTF-8 whatever the document says. Raises :class:`XmlError` only.
    """
    reader = _Reader()
    try:
        reader.parser.Parse(data, True)
    except expat.ExpatError as error:
        raise XmlError("malformed") from error
    return reader.fields


class _Reader:
    """Collects text by path while expat runs."""

    def __init__(self) -> None:
        self.fields: dict[str, str] = {}
        self._path: list[str] = []
        self._text: list[str] = []
        self._leaf = False
        self.parser = expat.ParserCreate("utf-8")
        self.parser.buffer_text = True
        self.parser.StartDoctypeDeclHandler = self._refuse
        self.parser.EntityDeclHandler = self._refuse
        self.parser.StartElementHandler = self._start
        self.parser.EndElementHandler = self._end
        self.parser.CharacterDataHandler = self._characters

    def _refuse(self, *_: object) -> None:
        raise XmlError("doctype")

    def _start(self, name: str, _: dict[str, str]) -> None:
        if len(self._path) >= MAX_DEPTH or len(self.fields) >= MAX_FIELDS:
            raise XmlError("too_complex")
        self._path.append(name)
        self._text = []
        self._leaf = True

    def _characters(self, text: str) -> None:
        self._text.append(text)

    def _end(self, _: str) -> None:
        if self._leaf and len(self._path) > 1:
            self.fields.setdefault("/".join(self._path[1:]), "".join(self._text))
        self._path.pop()
        self._leaf = False
