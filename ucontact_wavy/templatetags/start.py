"""How the start page writes moments: as every list of the admin does."""

from django import template

from accounts.labels import moment

register = template.Library()
register.filter("moment", moment)
