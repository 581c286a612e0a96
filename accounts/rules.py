"""What one person may do to another: supervisors look after agents and operators, and gain no right by it."""

from django.contrib.auth.models import AnonymousUser, Group
from django.db.models import Exists, OuterRef, Q, QuerySet

from accounts.models import Team, User
from accounts.roles import Role

GIVEN_BY_SUPERVISORS = (Role.OPERATORS, Role.AGENTS)


def has_role(*roles: Role) -> Q:
    """People who hold one of the roles, looked up for each by its key; a join would count them all."""
    groups = list(Group.objects.filter(name__in=roles).values_list("pk", flat=True))
    return Q(Exists(User.groups.through.objects.filter(user=OuterRef("pk"), group__in=groups)))


def may_manage(actor: User | AnonymousUser, person: User) -> bool:
    """Whether the actor may change, disable and reset this person.

    Supervisors may where the person holds nothing but the roles that supervisors give and teams that they are in
    themselves: whoever resets somebody's password could be that person. Never themselves, nor each other.
    """
    if not isinstance(actor, User) or not actor.is_active:
        return False
    if actor.is_superuser:
        return True
    if not actor.is_supervisor or actor.pk == person.pk or person.is_superuser:
        return False
    if person.user_permissions.exists():
        return False
    within = roles_given_by(actor).values("pk").union(teams_of(actor).values("pk"))
    return not person.groups.exclude(pk__in=within).exists()


def roles_given_by(actor: User | AnonymousUser) -> QuerySet[Group]:
    """The roles that the actor may give and take."""
    if not isinstance(actor, User) or not actor.is_supervisor:
        return Group.objects.none()
    if actor.is_superuser:
        return Group.objects.exclude(pk__in=Team.objects.values("pk")).order_by("pk")
    return Group.objects.filter(name__in=GIVEN_BY_SUPERVISORS).order_by("pk")


def teams_of(actor: User | AnonymousUser) -> QuerySet[Team]:
    """The teams that the actor may fill: a supervisor's own, every one for superusers."""
    teams: QuerySet[Team] = Team.objects.order_by("name")
    if not isinstance(actor, User) or not actor.is_supervisor:
        return teams.none()
    return teams if actor.is_superuser else teams.filter(pk__in=actor.groups.values("pk"))


def may_be_put_into_teams(actor: User | AnonymousUser) -> QuerySet[User]:
    """Whom the actor may put into a team of theirs and take out of it."""
    people = User.objects.order_by("username")
    if not isinstance(actor, User) or not actor.is_supervisor:
        return people.none()
    if actor.is_superuser:
        return people
    return people.filter(~has_role(Role.SUPERVISORS), is_superuser=False).exclude(pk=actor.pk)
