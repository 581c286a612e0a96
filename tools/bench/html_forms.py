"""What a browser would send if somebody pressed Save on a page as it came."""

from html.parser import HTMLParser


class Form(HTMLParser):
    """The fields of the form whose id ends with `_form`, by name; files and buttons left out."""

    def __init__(self, page: str) -> None:
        super().__init__()
        self.fields: dict[str, list[str]] = {}
        self._inside = False
        self._select = self._area = ""
        self._text = ""
        self._several = self._first = False
        self.feed(page)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        given = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._inside = given.get("id", "").endswith("_form")
        elif self._inside and "disabled" not in given:
            name = given.get("name", "")
            if tag == "input" and name:
                self._input(name, given)
            elif tag == "select":
                self._select, self._first, self._several = name, True, "multiple" in given
            elif tag == "textarea":
                self._area, self._text = name, ""
            elif tag == "option" and self._select:
                self._option(given)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._inside = False
        elif tag == "select":
            self._select = ""
        elif tag == "textarea" and self._area:
            self.fields.setdefault(self._area, []).append(self._text.removeprefix("\n"))
            self._area = ""

    def handle_data(self, data: str) -> None:
        if self._area:
            self._text += data

    def _input(self, name: str, given: dict[str, str]) -> None:
        kind = given.get("type", "text")
        if kind in ("file", "submit", "button", "image") or (
            kind in ("checkbox", "radio") and "checked" not in given
        ):
            return
        self.fields.setdefault(name, []).append(
            given.get("value", "on" if kind in ("checkbox", "radio") else "")
        )

    def _option(self, given: dict[str, str]) -> None:
        if "selected" in given or (self._first and not self._several):
            if self._several:
                self.fields.setdefault(self._select, []).append(given.get("value", ""))
            else:
                self.fields[self._select] = [given.get("value", "")]
        self._first = False
