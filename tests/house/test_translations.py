"""Every text is translated, the check finds what is not, and people read their own language."""

import shutil
from pathlib import Path

import pytest
from babel.messages.catalog import Catalog
from django.test import Client
from django.urls import reverse
from django.utils.translation import ngettext, override
from django.utils.translation.reloader import translation_file_changed
from rest_framework.test import APIClient

from dialers.models import BaseState
from tests.factories import make_base, make_dialer, make_operator, make_provider, make_supervisor
from tests.pages import labels, signed_in, words
from ucontact_wavy import translations
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.run.catalogs import compile_catalogs

LANGUAGES = ["es", "pt_BR"]


@pytest.fixture(scope="module")
def wanted() -> Catalog:
    """Every text of the product."""
    return translations.texts(BASE_DIR)


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A folder with a copy of the catalogues."""
    shutil.copytree(BASE_DIR / "locale", tmp_path / "locale")
    return tmp_path


@pytest.fixture(scope="module")
def compiled() -> None:
    """The catalogues as the pages read them, whatever was compiled before."""
    for path in compile_catalogs(BASE_DIR / "locale"):
        translation_file_changed(None, path)


def rewritten(root: Path, language: str, old: str, new: str) -> None:
    """Changes the one place in a catalogue that reads `old`."""
    path = translations.catalogue(root, language)
    text = path.read_text(encoding="utf-8")
    assert text.count(old) == 1
    path.write_text(text.replace(old, new), encoding="utf-8")


def test_nothing_is_left_to_translate(wanted: Catalog) -> None:
    assert translations.problems(wanted, BASE_DIR) == []


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    ("new", "why"),
    [
        pytest.param("", "missing", id="missing"),
        pytest.param('msgid "Test connection"\nmsgstr ""\n', "untranslated", id="untranslated"),
        pytest.param('#, fuzzy\nmsgid "Test connection"\nmsgstr "Probar"\n', "fuzzy", id="fuzzy"),
        pytest.param(
            'msgid "Test connection"\nmsgstr "Probar %(name)s"\n',
            "its placeholders differ from the source's",
            id="a placeholder too many",
        ),
    ],
)
def test_a_text_without_a_good_translation_is_found(
    language: str, new: str, why: str, copy: Path, wanted: Catalog
) -> None:
    word = {"es": "Probar conexión", "pt_BR": "Testar conexão"}[language]
    rewritten(copy, language, f'msgid "Test connection"\nmsgstr "{word}"\n', new)
    path = f"locale/{language}/LC_MESSAGES/django.po"
    assert f"{path}: {why}: 'Test connection'" in translations.problems(wanted, copy)


def test_a_catalogue_that_is_not_there_is_found(copy: Path, wanted: Catalog) -> None:
    translations.catalogue(copy, "es").unlink()
    found = translations.problems(wanted, copy)
    assert "locale/es/LC_MESSAGES/django.po: there is no such catalogue" in found


@pytest.mark.parametrize(
    ("source", "translation", "good"),
    [
        pytest.param("%(n)s of %(total)s", "%(total)s: %(n)s", True, id="another order"),
        pytest.param("%(n)s left", "quedan %(m)s", False, id="another name"),
        pytest.param("%(n)s left", "quedan %(n)d", False, id="another kind"),
        pytest.param("%(n)s left", "quedan", False, id="forgotten"),
        pytest.param("{time} left", "quedan {tiempo}", False, id="a translated name"),
        pytest.param("“{input}” is none", "“{input}” no está", True, id="kept braces"),
        pytest.param("With {{1}}", "Con {{2}}", False, id="another parameter of a template"),
        pytest.param("100%% of %(n)s", "100% de %(n)s", False, id="a lost percent sign"),
    ],
)
def test_a_translation_fills_in_what_its_source_does(source: str, translation: str, good: bool) -> None:
    texts, catalogue = Catalog(), Catalog(locale="es")
    text, entry = texts.add(source), catalogue.add(source, translation)
    assert (translations.problem(text, entry, 2) == "") is good


@pytest.mark.parametrize(
    ("forms", "good"),
    [
        pytest.param(("%(n)d base", "%(n)d bases"), True, id="both with the number"),
        pytest.param(("una base", "%(n)d bases"), False, id="a number that neither source leaves out"),
        pytest.param(("%(n)d base", "varias bases"), False, id="a plural without the number"),
        pytest.param(("%(n)d base", ""), False, id="a plural left empty"),
        pytest.param(("%(n)d base",), False, id="a form too few"),
    ],
)
def test_every_plural_form_is_translated(forms: tuple[str, ...], good: bool) -> None:
    texts, catalogue = Catalog(), Catalog(locale="pt_BR")
    text = texts.add(("%(n)d base", "%(n)d bases"))
    entry = catalogue.add(("%(n)d base", "%(n)d bases"), forms)
    assert (translations.problem(text, entry, 2) == "") is good


def written(root: Path) -> Path:
    """A product of one module and one page, not translated yet."""
    for name in ("app", "templates", "tests"):
        (root / name).mkdir()
    (root / "app" / "views.py").write_text(
        "from django.utils.translation import gettext as _now\n"
        "from django.utils.translation import gettext_lazy as _\n"
        'TITLE = _("Dialers")\n\n\ndef word() -> str:\n    return _now("running")\n'
    )
    (root / "templates" / "page.html").write_text(
        '{% load i18n %}{% translate "Start" context "page" %}'
        "{% blocktranslate count n=lines %}{{ n }} line{% plural %}{{ n }} lines{% endblocktranslate %}"
    )
    (root / "tests" / "views.py").write_text('from gettext import gettext as _\n_("Only a test")\n')
    return root


@pytest.fixture
def small(tmp_path: Path) -> Path:
    return written(tmp_path)


@pytest.fixture(scope="module")
def small_texts(tmp_path_factory: pytest.TempPathFactory) -> Catalog:
    return translations.texts(written(tmp_path_factory.mktemp("small")))


@pytest.mark.parametrize(
    ("text", "context", "there"),
    [
        pytest.param("Dialers", None, True, id="in a module"),
        pytest.param("running", None, True, id="through another name of gettext"),
        pytest.param("Start", "page", True, id="with a context"),
        pytest.param(("%(n)s line", "%(n)s lines"), None, True, id="a plural of a page"),
        pytest.param("Reset filters", None, True, id="of a library without translations"),
        pytest.param("Delete selected %(verbose_name_plural)s", None, False, id="of Django, which has them"),
        pytest.param("Only a test", None, False, id="of tests"),
    ],
)
def test_texts_of_modules_pages_and_libraries_count(
    text: str | tuple[str, str], context: str | None, there: bool, small_texts: Catalog
) -> None:
    assert (small_texts.get(text, context) is not None) is there


def test_an_update_adds_what_is_new_and_keeps_what_was_translated(small: Path) -> None:
    translations.update(small)
    rewritten(small, "es", 'msgid "Dialers"\nmsgstr ""', 'msgid "Dialers"\nmsgstr "Marcadores"')
    views = small / "app" / "views.py"
    views.write_text(views.read_text().replace('_now("running")', '_now("Upload a base")'))

    translations.update(small)

    updated = translations.read(translations.catalogue(small, "es"), "es")
    assert updated["Dialers"].string == "Marcadores"
    assert updated["Upload a base"].string == ""
    assert updated.get("running") is None


def test_an_update_without_changes_writes_nothing(small: Path) -> None:
    translations.update(small)
    path = translations.catalogue(small, "pt_BR")
    path.write_text(path.read_text().replace("POT-Creation-Date: 2", "POT-Creation-Date: 1"))
    before = path.read_text()
    translations.update(small)
    assert path.read_text() == before


def test_the_check_fails_a_line_for_each_problem(small: Path, capsys: pytest.CaptureFixture[str]) -> None:
    translations.update(small)
    before = sorted(small.rglob("*"))

    assert translations.main([], small) == 1

    told = capsys.readouterr().err.splitlines()
    assert "locale/es/LC_MESSAGES/django.po: untranslated: 'Dialers'" in told
    assert "--update" in told[-1]
    assert sorted(small.rglob("*")) == before


def test_without_gettext_the_check_says_what_to_install(
    small: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("PATH", str(small))
    assert translations.main([], small) == 1
    assert "Install the package gettext" in capsys.readouterr().err


@pytest.mark.usefixtures("compiled")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("browser", "heading", "fields"),
    [
        ("es", "Iniciar sesión", ["Usuario", "Contraseña"]),
        ("es-UY,es;q=0.9,en;q=0.5", "Iniciar sesión", ["Usuario", "Contraseña"]),
        ("pt-BR,pt;q=0.9", "Entrar", ["Usuário", "Senha"]),
        ("pt-PT", "Entrar", ["Usuário", "Senha"]),
        ("en", "Sign in", ["Username", "Password"]),
        ("de", "Sign in", ["Username", "Password"]),
    ],
)
def test_a_stranger_signs_in_in_the_browsers_language(browser: str, heading: str, fields: list[str]) -> None:
    page = Client(headers={"accept-language": browser}).get(reverse("login"))
    assert f"<h1>{heading}</h1>" in page.content.decode()
    assert labels(page) == fields


@pytest.mark.usefixtures("compiled")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "heading", "state"),
    [("es", "Marcadores SMS", "en curso"), ("pt-br", "Discadores de SMS", "em andamento")],
)
def test_a_persons_own_language_wins_over_the_browsers(language: str, heading: str, state: str) -> None:
    make_base(make_dialer(make_provider()))
    browser = signed_in(make_operator(language=language))
    page = browser.get("/admin/dialers/dialer/", headers={"accept-language": "en"})
    assert heading in words(page)
    assert f'<span class="label label-green">{state}</span>' in page.content.decode()


@pytest.mark.usefixtures("compiled")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "label"),
    [("es", "Gestores de campañas"), ("pt-br", "Analistas de campanha"), ("en", "Operators")],
)
def test_roles_are_called_what_the_reader_calls_them(language: str, label: str) -> None:
    make_operator()
    browser = signed_in(make_supervisor(language=language))
    assert f"operator {label}" in words(browser.get("/admin/accounts/user/"))


@pytest.mark.usefixtures("compiled")
@pytest.mark.django_db
@pytest.mark.parametrize(
    ("language", "sentence"),
    [
        ("es", "La base está finalizada: solo se puede pausar una base en curso."),
        ("pt-br", "O mailing está finalizado: só é possível pausar um mailing em andamento."),
    ],
)
def test_the_api_refuses_in_the_language_that_was_asked_for(language: str, sentence: str) -> None:
    base = make_base(make_dialer(make_provider()), state=BaseState.FINISHED)
    client = APIClient()
    client.force_authenticate(make_operator())
    answer = client.post(f"/api/v1/bases/{base.pk}/pause/", headers={"accept-language": language})
    assert (answer.status_code, answer.json()["detail"]) == (409, sentence)


@pytest.mark.usefixtures("compiled")
@pytest.mark.parametrize(
    ("language", "number", "sentence"),
    [
        ("es", 1, "falta aproximadamente 1 minuto"),
        ("es", 2, "faltan aproximadamente 2 minutos"),
        ("es", 1_000_000, "faltan aproximadamente 1000000 de minutos"),
        ("pt-br", 1, "falta aproximadamente 1 minuto"),
        ("pt-br", 2, "faltam aproximadamente 2 minutos"),
    ],
)
def test_plurals_follow_the_language(language: str, number: int, sentence: str) -> None:
    with override(language):
        text = ngettext("about %(n)d minute left", "about %(n)d minutes left", number)
    assert text % {"n": number} == sentence
