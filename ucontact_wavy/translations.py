"""Checks that every text has its translation; with --update brings the catalogues up to date."""

import ast
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib.util import find_spec
from io import BytesIO
from pathlib import Path
from tempfile import TemporaryDirectory

from babel.messages.catalog import Catalog, Message
from babel.messages.mofile import read_mo
from babel.messages.pofile import read_po

from ucontact_wavy.boot import BASE_DIR

LANGUAGES = ("es", "pt_BR")
# Libraries whose pages and answers people read; what their own catalogues lack is translated in ours.
LIBRARIES = ("unfold", "rest_framework", "django_filters")
DJANGO_PARTS = ("conf", "contrib/admin", "contrib/auth", "contrib/contenttypes")
SOURCES = {".py", ".html", ".txt"}
NOT_OURS = {"tests", "var", "simulator", "tools", "docs", "build", "locale"}
NOT_USED = {"contrib", "locale"}
PROGRAMS = ("xgettext", "msguniq", "msgmerge", "msgattrib")
INSTALL = (["apt-get", "update", "-qq"], ["apt-get", "install", "-y", "-qq", "gettext"])
PLACEHOLDER = re.compile(r"%%|%\(\w+\)[-#0+ ]?[\d.]*[a-z]|%[sd]|\{\{\w*\}\}|\{\w*(?::\w+)?\}")
NO_PLURALS = b"nplurals=INTEGER; plural=EXPRESSION;"
NEWNESS = '"POT-Creation-Date:'
SHOWN = 80

Key = tuple[str | None, str]


class TranslationError(Exception):
    """The check cannot be made; the sentence says what to do."""


def require_gettext() -> None:
    """Installs GNU gettext where that is possible; raises TranslationError where it is not."""
    if all(shutil.which(program) for program in PROGRAMS):
        return
    if os.geteuid() == 0 and shutil.which("apt-get"):
        sys.stdout.write("Installing gettext for the check of the translations\n")
        sys.stdout.flush()
        environ = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        if all(subprocess.run(command, env=environ).returncode == 0 for command in INSTALL):
            return
    raise TranslationError("GNU gettext is missing. Install the package gettext and start again.")


def copy_sources(root: Path, target: Path, left_out: set[str]) -> None:
    """Copies what may hold texts, so that nothing is written beside the sources; not some folders of `root`."""
    for folder, folders, names in os.walk(root):
        skipped = left_out if Path(folder) == root else set()
        folders[:] = [name for name in folders if name not in skipped and not name.startswith(".")]
        for name in names:
            source = Path(folder, name)
            if source.suffix in SOURCES:
                copy = target / source.relative_to(root)
                copy.parent.mkdir(parents=True, exist_ok=True)
                text = source.read_text(encoding="utf-8")
                copy.write_text(plainly_named(text) if source.suffix == ".py" else text, encoding="utf-8")


def plainly_named(code: str) -> str:
    """The code with gettext functions under the names that xgettext knows, whatever they are imported as."""
    for node in ast.walk(ast.parse(code)):
        if isinstance(node, ast.ImportFrom) and node.module == "django.utils.translation":
            for name in node.names:
                if name.asname and name.asname != "_":
                    code = re.sub(rf"\b{name.asname}\(", f"{name.name}(", code)
    return code


def make_messages(folder: Path) -> Catalog:
    """Runs Django's makemessages on a copy of sources; returns every text and leaves the merged catalogues."""
    (folder / "locale").mkdir(exist_ok=True)
    command = [sys.executable, "-P", "-m", "django", "makemessages", "--keep-pot"]
    command += ["--no-location", "--no-wrap", "--no-obsolete", *(f"--locale={name}" for name in LANGUAGES)]
    environ = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    run = subprocess.run(command, cwd=folder, env=environ, capture_output=True, text=True)
    if run.returncode != 0:
        raise TranslationError(f"The texts cannot be collected:\n{run.stderr.strip()}")
    template = folder / "locale" / "django.pot"
    return read(template, None) if template.exists() else Catalog()


def read(path: Path, language: str | None) -> Catalog:
    """A catalogue in gettext's text form; without a language, the template of all."""
    text = path.read_bytes().replace(NO_PLURALS, b"nplurals=2; plural=(n != 1);")
    return read_po(BytesIO(text), locale=language)


def messages(catalog: Catalog) -> Iterator[Message]:
    """Its entries without the header."""
    return (message for message in catalog if message.id)


def key(message: Message) -> Key:
    """What gettext finds a message by: its context and its singular."""
    return (message.context, message.id if isinstance(message.id, str) else message.id[0])


def location(package: str) -> Path:
    """Where an installed package is."""
    spec = find_spec(package)
    if spec is None or spec.origin is None:
        raise TranslationError(f"The package {package} is not installed. Run `make install-dev`.")
    return Path(spec.origin).parent


def translated_by(language: str, folders: Iterable[Path]) -> set[Key]:
    """What the compiled catalogues of libraries translate."""
    found: set[Key] = set()
    for folder in folders:
        path = folder / "locale" / language / "LC_MESSAGES" / "django.mo"
        if path.exists():
            with path.open("rb") as stream:
                found |= {key(message) for message in messages(read_mo(stream))}
    return found


@cache
def library_texts() -> list[Message]:
    """The texts of the libraries that neither Django nor they themselves have in each of our languages."""
    django = [location("django") / part for part in DJANGO_PARTS]
    own = {name: location(name) for name in LIBRARIES}
    known = [translated_by(language, [*django, *own.values()]) for language in LANGUAGES]
    with TemporaryDirectory() as temporary:
        for name, folder in own.items():
            copy_sources(folder, Path(temporary, name), NOT_USED)
        texts = make_messages(Path(temporary))
    return [text for text in messages(texts) if not all(key(text) in there for there in known)]


def as_code(text: Message) -> str:
    """A call of gettext that stands for a text found elsewhere."""
    singular_and_plural = [text.id] if isinstance(text.id, str) else list(text.id)
    function = "gettext" if len(singular_and_plural) == 1 else "ngettext"
    arguments = [repr(part) for part in singular_and_plural] + ["n"] * (len(singular_and_plural) - 1)
    if text.context:
        function, arguments = function.replace("gettext", "pgettext"), [repr(text.context), *arguments]
    return f"{function}({', '.join(arguments)})\n"


def collect(root: Path, folder: Path) -> Catalog:
    """Every text for translation, ours and the libraries'; `folder` keeps catalogues that were merged with it."""
    require_gettext()
    copy_sources(root, folder, NOT_OURS)
    (folder / "texts_of_libraries.py").write_text("".join(map(as_code, library_texts())), encoding="utf-8")
    return make_messages(folder)


def texts(root: Path) -> Catalog:
    """Every text for translation in the sources below `root` and in the libraries; changes nothing there."""
    with TemporaryDirectory() as temporary:
        return collect(root, Path(temporary))


def update(root: Path) -> Catalog:
    """Adds new texts to the catalogues of `root` and takes unused ones out; returns every text."""
    with TemporaryDirectory() as temporary:
        folder = Path(temporary)
        for language in LANGUAGES:
            stored, merged = catalogue(root, language), catalogue(folder, language)
            merged.parent.mkdir(parents=True)
            if stored.exists():
                shutil.copy(stored, merged)
        wanted = collect(root, folder)
        for language in LANGUAGES:
            stored, merged = catalogue(root, language), catalogue(folder, language)
            if merged.exists() and (not stored.exists() or content(merged) != content(stored)):
                stored.parent.mkdir(parents=True, exist_ok=True)
                shutil.copy(merged, stored)
    return wanted


def catalogue(root: Path, language: str) -> Path:
    return root / "locale" / language / "LC_MESSAGES" / "django.po"


def content(path: Path) -> list[str]:
    """The lines of a catalogue, but for the time at which its texts were collected."""
    lines = path.read_text(encoding="utf-8").splitlines()
    return [line for line in lines if not line.startswith(NEWNESS)]


def problems(wanted: Catalog, root: Path) -> list[str]:
    """What is wrong with the catalogues of `root`, each a line."""
    return [line for language in LANGUAGES for line in problems_in(wanted, root, language)]


def problems_in(wanted: Catalog, root: Path, language: str) -> Iterator[str]:
    """What is wrong with one catalogue: texts that are missing, untranslated, fuzzy or lost a placeholder."""
    path = catalogue(root, language)
    if not path.exists():
        yield f"{path.relative_to(root)}: there is no such catalogue"
        return
    catalog = read(path, language)
    for text in messages(wanted):
        context, singular = key(text)
        why = problem(text, catalog.get(text.id, context), catalog.num_plurals)
        if why:
            shown = singular if len(singular) <= SHOWN else f"{singular[:SHOWN]}…"
            yield f"{path.relative_to(root)}: {why}: {shown!r}"


def problem(text: Message, entry: Message | None, forms: int) -> str:
    """What is wrong with the entry of one text; "" where nothing is. `forms`: how many its plural has."""
    if entry is None:
        return "missing"
    if entry.fuzzy:
        return "fuzzy"
    sources = [text.id] if isinstance(text.id, str) else list(text.id)
    given = [entry.string] if isinstance(entry.string, str) else list(entry.string or ())
    if not all(given) or len(given) != (1 if len(sources) == 1 else forms):
        return "untranslated"
    # The form for one may leave the number out, as its source may; every other form is that of the plural.
    allowed = [{placeholders(source) for source in sources}, {placeholders(sources[-1])}]
    for index, translation in enumerate(given):
        if placeholders(translation) not in allowed[min(index, 1)]:
            return "its placeholders differ from the source's"
    return ""


def placeholders(text: str) -> tuple[str, ...]:
    """What is filled in when the text is shown."""
    return tuple(sorted(PLACEHOLDER.findall(text)))


def main(arguments: Sequence[str], root: Path = BASE_DIR) -> int:
    """The exit status: 1 where something is left to translate or the check cannot be made."""
    try:
        wanted = update(root) if "--update" in arguments else texts(root)
    except TranslationError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    found = problems(wanted, root)
    sys.stderr.write("".join(f"{line}\n" for line in found))
    if found and "--update" not in arguments:
        sys.stderr.write("Run `.venv/bin/python -m ucontact_wavy.translations --update`, then translate.\n")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
