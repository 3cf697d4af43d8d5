"""Stylesheets, scripts and pictures, served from where they lie."""

import os
from typing import Any

from django.http import HttpRequest
from django.http.response import HttpResponseBase
from whitenoise.middleware import WhiteNoiseMiddleware


class StaticFiles(WhiteNoiseMiddleware):  # type: ignore[misc]
    """Whitenoise looks at each file once, at start. One that an upgrade replaces before we are started anew would be cut to the
    length of the old one, or break off; so it is looked at again where it has changed.
    """

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self._seen: dict[str, tuple[str, tuple[int, int]]] = {}
        super().__init__(*args, **kwargs)

    def add_file_to_dictionary(self, url: str, path: str, stat_cache: Any = None) -> None:
        self._seen[url] = path, _state(os.stat(path))
        super().add_file_to_dictionary(url, path, stat_cache)

    def __call__(self, request: HttpRequest) -> HttpResponseBase:
        if seen := self._seen.get(request.path_info):
            self._look_again(request.path_info, *seen)
        response: HttpResponseBase = super().__call__(request)
        return response

    def _look_again(self, url: str, path: str, before: tuple[int, int]) -> None:
        try:
            if _state(os.stat(path)) != before:
                self.add_file_to_dictionary(url, path)
        except FileNotFoundError:
            self.files.pop(url, None)


def _state(file: os.stat_result) -> tuple[int, int]:
    return file.st_mtime_ns, file.st_size
