"""Numbers as the page says them."""

from django.utils.formats import number_format


def grouped(n: float, decimals: int = 0) -> str:
    """With the reader's signs between thousands and before decimals: “1,255”."""
    return number_format(n, decimals, use_l10n=True, force_grouping=True)
