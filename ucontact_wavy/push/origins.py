"""Whose pages may listen: those of PUBLIC_URL, and those of the host that is asked itself."""

from urllib.parse import urlsplit


def may_listen(origin: str, host: str, public_url: str) -> bool:
    """`origin` and `host` as a browser sends them; a request without origin comes from no foreign page."""
    if not origin:
        return True
    public, asking = urlsplit(public_url), urlsplit(origin)
    if (asking.scheme, asking.netloc) == (public.scheme, public.netloc):
        return True
    return asking.scheme in ("http", "https") and bool(asking.hostname) and asking.hostname == _name(host)


def _name(host: str) -> str | None:
    try:
        return urlsplit(f"//{host}").hostname
    except ValueError:
        return None
