"""The tree of a campaign's dispositions as it is edited: read, checked, stored as a whole.

As data: `{"nodes": [{"id": 1, "name": "Sale", "enabled": true, "children": [...]}], "removed": [2]}`; a new one
has no id. What is neither a node nor removed was made meanwhile by somebody else, and stays.
"""

from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from campaigns.models import Campaign, Disposition
from campaigns.models.answers import DEEPEST, SAME_NAME, TOO_DEEP
from providers.deletion import require_unused
from providers.errors import Refusal

MOST = 1000  # dispositions of a campaign
LONGEST = 100  # characters of a name


@dataclass(slots=True)
class Node:
    """A disposition as it is to be, with those below it."""

    pk: int | None
    name: str
    enabled: bool = True
    children: list["Node"] = field(default_factory=list)

    def data(self) -> dict[str, Any]:
        children = [child.data() for child in self.children]
        return {"id": self.pk, "name": self.name, "enabled": self.enabled, "children": children}


@dataclass(slots=True)
class Tree:
    """A campaign's dispositions, and the ids of those that are to be deleted."""

    nodes: list[Node]
    removed: set[int] = field(default_factory=set)

    def walk(self) -> Iterator[tuple[str, int, list[Node], Node]]:
        """Each node with its path (`0.1`), its level from 1, and all that stand at its place."""
        waiting = [(str(n), 1, self.nodes, node) for n, node in enumerate(self.nodes)]
        while waiting:
            path, level, siblings, node = waiting.pop()
            yield path, level, siblings, node
            waiting += [(f"{path}.{n}", level + 1, node.children, one) for n, one in enumerate(node.children)]


def tree_of(campaign: Campaign) -> Tree:
    """The dispositions as they are stored. One query; none for a campaign that is not."""
    rows = list(campaign.dispositions.all()) if campaign.pk else []
    nodes = {row.pk: Node(row.pk, row.name, row.enabled) for row in rows}
    roots: list[Node] = []
    for row in rows:
        (nodes[row.parent_id].children if row.parent_id else roots).append(nodes[row.pk])
    return Tree(roots)


def paths_of(tree: Tree) -> list[tuple[int, str]]:
    """The ids of what is stored, each with its name below those of its parents, in the tree's order."""
    found: list[tuple[int, str]] = []

    def add(nodes: list[Node], above: str) -> None:
        for node in nodes:
            name = f"{above} › {node.name}" if above else node.name
            if node.pk:
                found.append((node.pk, name))
            add(node.children, name)

    add(tree.nodes, "")
    return found


def read(data: Any) -> Tree:
    """A tree out of decoded JSON. Raises ValidationError for what is none."""
    try:
        tree = Tree([_node(one, DEEPEST + 2) for one in data["nodes"]])
        kept = {node.pk for _path, _level, _siblings, node in tree.walk()}
        tree.removed = {int(pk) for pk in data.get("removed", ())} - kept
    except (KeyError, TypeError, ValueError, AttributeError) as wrong:
        raise ValidationError(_("The dispositions cannot be read. Load the page again.")) from wrong
    return tree


def _node(data: Any, levels: int) -> Node:
    if levels < 0:
        raise ValueError("deeper than anybody types")
    pk = data.get("id")
    children = [_node(one, levels - 1) for one in data.get("children", ())]
    return Node(
        int(pk) if pk else None, " ".join(str(data["name"]).split()), bool(data.get("enabled")), children
    )


def completed(campaign: Campaign, tree: Tree) -> Tree:
    """The tree with what somebody else added meanwhile. One query."""
    stored = list(campaign.dispositions.all()) if campaign.pk else []
    nodes = {node.pk: node for _path, _level, _siblings, node in tree.walk() if node.pk}
    for row in sorted(stored, key=lambda row: row.pk):  # a parent is there before what lies below it
        if row.pk in nodes or row.pk in tree.removed or row.parent_id in tree.removed:
            continue
        node = nodes[row.pk] = Node(row.pk, row.name, row.enabled)
        parent = nodes.get(row.parent_id) if row.parent_id else None
        (parent.children if parent else tree.nodes).append(node)
    return tree


def check(campaign: Campaign, tree: Tree) -> dict[str, str]:
    """What is wrong, by the path of its node; the path "" is the tree's own. A few queries, more to remove."""
    own = dict(campaign.dispositions.in_bulk()) if campaign.pk else {}
    wrong: dict[str, str] = {}
    seen: set[int] = set()
    n = 0
    for path, level, siblings, node in tree.walk():
        n += 1
        if node.pk and (node.pk not in own or node.pk in seen):
            wrong[path] = _("It is none of this campaign's any more. Delete it, and add it again.")
        elif not node.name:
            wrong[path] = _("Enter a name, or delete it.")
        elif len(node.name) > LONGEST:
            wrong[path] = _("At most %(n)d characters.") % {"n": LONGEST}
        elif level > DEEPEST:
            wrong[path] = str(TOO_DEEP)
        elif _repeated(node, siblings):
            wrong[path] = str(SAME_NAME)
        seen |= {node.pk} if node.pk else set()
    if n > MOST:
        wrong[""] = _("At most %(n)d dispositions.") % {"n": MOST}
    return wrong | _still_used([own[pk] for pk in tree.removed if pk in own])


def _repeated(node: Node, siblings: list[Node]) -> bool:
    """Whether one before it at the same place has its name, in any case."""
    name = node.name.casefold()
    first = next(one for one in siblings if one.name.casefold() == name)
    return first is not node


def _still_used(removed: list[Disposition]) -> dict[str, str]:
    for row in removed:
        try:
            require_unused(row)
        except Refusal:
            text = _("“%(name)s” has been used: switch it off instead of deleting it.")
            return {"": text % {"name": row.name}}
    return {}


@transaction.atomic
def store(campaign: Campaign, tree: Tree) -> None:
    """Makes the campaign's dispositions those of a checked tree; saves only what changed."""
    rows = dict(campaign.dispositions.select_for_update().in_bulk())
    _make_way(tree, rows)
    places: dict[int, Disposition] = {}  # by id of the node
    for path, _level, _siblings, node in sorted(tree.walk(), key=lambda step: step[0].count(".")):
        position = int(path.rpartition(".")[2])
        parent = places.get(_above(tree, path))
        row = rows.get(node.pk or 0) or Disposition(campaign=campaign)
        wanted = (node.name, node.enabled, position, parent.pk if parent else None)
        if row.pk is None or (row.name, row.enabled, row.position, row.parent_id) != wanted:
            row.name, row.enabled, row.position, row.parent = node.name, node.enabled, position, parent
            row.save()
        places[id(node)] = row
    for pk in tree.removed & rows.keys():
        rows[pk].delete()


def _above(tree: Tree, path: str) -> int:
    """The identity of the node above a path; 0 on top."""
    node, nodes = None, tree.nodes
    for step in path.split(".")[:-1]:
        node = nodes[int(step)]
        nodes = node.children
    return id(node) if node else 0


def _make_way(tree: Tree, rows: dict[int, Disposition]) -> None:
    """Takes the name from a row that stands where another is about to be: two of a name never share a place."""
    wanted: dict[tuple[int | None, str], set[int | None]] = defaultdict(set)

    def note(nodes: list[Node], parent: int | None) -> None:
        for node in nodes:
            wanted[parent, node.name].add(node.pk)
            if node.pk:
                note(node.children, node.pk)

    note(tree.nodes, None)
    for pk, row in rows.items():
        if wanted.get((row.parent_id, row.name), set()) - {pk}:
            row.name = f"\x7f{pk}"
            Disposition.objects.filter(pk=pk).update(name=row.name)
