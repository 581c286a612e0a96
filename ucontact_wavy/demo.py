"""The guide's scenario, ready to try: people, a provider, templates, a campaign, a dialer. Sends nothing."""

from dataclasses import dataclass

from django.contrib.auth.models import Group
from django.db import transaction

from accounts.models import User
from accounts.roles import Role
from campaigns.models import DID, Campaign, Member
from dialers.models import Dialer
from providers.config import save_provider
from providers.models import Provider, Template

PASSWORD = "wavy-demo"  # noqa: S105 - printed on purpose, for a system that holds nothing yet
NUMBER = "5511900000001"
PEOPLE = {
    "supervisor": Role.SUPERVISORS,
    "operator": Role.OPERATORS,
    "agent1": Role.AGENTS,
    "agent2": Role.AGENTS,
    "agent3": Role.AGENTS,
}
TEMPLATES = (
    ("chatclub_open_session_v2", "en", "{{1}} reports:\n{{2}}"),
    ("appointment_reminder", "en", "Your appointment is coming up on {{1}} at {{2}}"),
    ("turno_confirmado", "es", "Hola {{1}}, su turno del {{2}} a las {{3}} está confirmado. ¡Le esperamos!"),
    ("boas_vindas", "pt_BR", "Olá! Responda esta mensagem para falar com um de nossos agentes."),
)


@dataclass(frozen=True, slots=True)
class Login:
    """Who may sign in, as what, with which password."""

    username: str
    role: str
    password: str


def is_empty() -> bool:
    """Whether nobody has set anything up yet."""
    return not (User.objects.exists() or Provider.objects.exists())


@transaction.atomic
def load_demo() -> list[Login]:
    """Makes what is missing and leaves what is there as it is; returns the logins of this run's scenario."""
    users = {name: _user(name, role) for name, role in PEOPLE.items()}
    provider = _provider()
    for code, language, body in TEMPLATES:
        if not Template.objects.filter(provider=provider, code=code, language=language).exists():
            template = Template(provider=provider, code=code, language=language, body=body)
            template.full_clean()
            template.save()
    campaign, _made = Campaign.objects.get_or_create(
        name="WhatsApp",
        defaults={
            "provider": provider,
            "out_of_time": "Thank you for your message. We answer as soon as we are back.",
        },
    )
    DID.objects.get_or_create(provider=provider, number=provider.number, defaults={"campaign": campaign})
    for name, role in PEOPLE.items():
        if role is Role.AGENTS:
            Member.objects.get_or_create(campaign=campaign, agent=users[name])
    Dialer.objects.get_or_create(name="WavyDialer", defaults={"provider": provider, "campaign": campaign})
    return [Login(name, role.value, PASSWORD) for name, role in PEOPLE.items()]


def _user(name: str, role: Role) -> User:
    user = User.objects.filter(username=name).first()
    if user is None:
        staff = role is not Role.AGENTS
        user = User.objects.create_user(name, password=PASSWORD, first_name=name.capitalize(), is_staff=staff)
    user.groups.add(Group.objects.get(name=role.value))
    return user


def _provider() -> Provider:
    known = Provider.objects.filter(name="Wavy").first() or Provider.objects.filter(number=NUMBER).first()
    if known:
        return known
    provider = Provider(
        name="Wavy",
        number=NUMBER,
        username="demo",
        password="demo-token",  # noqa: S106 - the simulator takes any
        sms_from="whatsapp:hsm:demo:wavy",
        default=not Provider.objects.filter(default=True).exists(),
    )
    provider.full_clean()
    return save_provider(provider)
