"""A language to walk in: its words from the catalogues, its names, its people; and what a page leaves in English."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import cached_property

from babel.messages.catalog import Catalog
from django.utils.translation import gettext, override, to_locale
from django.utils.translation.reloader import translation_file_changed
from playwright.sync_api import Page

from tools.installation import PASSWORD, Installation
from ucontact_wavy import translations
from ucontact_wavy.boot import BASE_DIR
from ucontact_wavy.run.catalogs import compile_catalogs

# Every text that somebody reads or has read to them; icons are words of their font.
READ = """() => {
  const told = [];
  const walker = document.createTreeWalker(document.body, NodeFilter.SHOW_TEXT);
  while (walker.nextNode()) {
    const parent = walker.currentNode.parentElement;
    if (!parent.closest("script, style, template, code, [class*=material-symbols]")) told.push(walker.currentNode.data);
  }
  for (const one of document.querySelectorAll("[title], [placeholder], [aria-label]"))
    for (const name of ["title", "placeholder", "aria-label"]) told.push(one.getAttribute(name) || "");
  return told.map((text) => text.replace(/\\s+/g, " ").trim()).filter(Boolean);
}"""

COPY = """
INSERT INTO accounts_user SELECT (jsonb_populate_record(u, jsonb_build_object(
    'id', nextval(pg_get_serial_sequence('accounts_user', 'id')), 'username', %s::text, 'language', %s::text))).*
FROM accounts_user u WHERE username = %s ON CONFLICT DO NOTHING
"""
ROLES = """
INSERT INTO accounts_user_groups (user_id, group_id)
SELECT new.id, g.group_id FROM accounts_user new, accounts_user old, accounts_user_groups g
WHERE new.username = %s AND old.username = %s AND g.user_id = old.id ON CONFLICT DO NOTHING
"""


@dataclass(frozen=True)
class Tongue:
    """`locale` is the browser's; `setting` the person's own, empty where it follows the browser."""

    language: str
    locale: str
    setting: str
    number: str  # of the provider that is made
    names: tuple[str, str, str, str]  # of a provider, a campaign, a dialer and an agent
    person: str  # the agent's first name
    template: str
    shown: str  # how the template's first message reads
    customers: int  # the first of three numbers

    def __call__(self, text: str, **values: str) -> str:
        """The product's own text in this language."""
        with override(self.language):
            return gettext(text) % values if values else gettext(text)

    @cached_property
    def catalogue(self) -> Catalog:
        return translations.read(
            translations.catalogue(BASE_DIR, to_locale(self.language)), to_locale(self.language)
        )

    @cached_property
    def english(self) -> set[str]:
        """Texts that read otherwise in this language, or ought to."""
        if self.language == "en":
            return set()
        known = [one for one in self.catalogue if one.id and isinstance(one.id, str) and not one.context]
        said = {str(one.string) for one in known}
        return {str(one.id) for one in known if one.string != one.id and one.id not in said}

    def left_in_english(self, page: Page) -> list[str]:
        """What the page says in English."""
        return sorted({text for text in page.evaluate(READ) if text in self.english})

    def sign_in(self, window: Callable[..., Page], installation: Installation, username: str) -> Page:
        """A window of somebody of the demo in this language, by the browser or by what they chose themselves."""
        at_the_door = self if not self.setting else ENGLISH
        if self.setting:
            username = self._somebody(installation, username)
        page = window(self.locale)
        page.goto(f"{installation.url}/")
        page.get_by_label(at_the_door("Username")).fill(username)
        page.get_by_label(at_the_door("Password")).fill(PASSWORD)
        with page.expect_navigation():
            page.get_by_role("button", name=at_the_door("Sign in")).click()
        return page

    def _somebody(self, installation: Installation, username: str) -> str:
        """Somebody like that one, who chose this language."""
        name = f"{username}-{self.setting}"
        with installation.database() as database:
            database.execute(COPY, [name, self.setting, username])
            database.execute(ROLES, [name, username])
        return name


ENGLISH = Tongue(
    *("en", "en-GB", "", "5511933340001"),
    ("Morning line", "Check-ups", "Checkups", "grace"),
    *("Grace", "hsm:appointment_reminder:Monday:noon", "Your appointment is coming up on Monday at noon"),
    59_899_870_100,
)
SPANISH = Tongue(
    *("es", "es-UY", "", "5511933340002"),
    ("Señal del Sur", "Recordatorios de turnos", "Turnos_del_lunes", "maria.eugenia"),
    *("María Eugenia", "hsm:turno_confirmado:Peña:lunes:15 h"),
    "Hola Peña, su turno del lunes a las 15 h está confirmado. ¡Le esperamos!",
    59_899_870_200,
)
PORTUGUESE = Tongue(
    *("pt-br", "en-GB", "pt-br", "5511933340003"),
    ("Operação Sul", "Lembretes de consultas", "Consultas_da_semana", "joao"),
    *("João", "hsm:boas_vindas"),
    "Olá! Responda esta mensagem para falar com um de nossos agentes.",
    59_899_870_300,
)


def compiled() -> None:
    """The catalogues as the pages read them, whatever was compiled before."""
    for path in compile_catalogs(BASE_DIR / "locale"):
        translation_file_changed(None, path)
