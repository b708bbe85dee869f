"""The host's own description of its API is the host's: ours is made apart from it."""

from __future__ import annotations

from drf_spectacular.generators import SchemaGenerator

from crm_assist.api.description import described


def test_hosts_description__says_nothing_of_our_views_before_or_after_ours_is_made() -> None:
    for _ in range(2):
        paths = SchemaGenerator().get_schema(request=None, public=True)["paths"]
        assert not [path for path in paths if "/v1/" in path]
        assert described("/api/assist/")["paths"]
