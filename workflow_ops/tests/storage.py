"""A storage that fails, as a full or read-only disk does."""

from collections.abc import Iterator
from contextlib import contextmanager
from unittest.mock import patch

from django.core.files.storage import storages


@contextmanager
def failing_storage(key: str) -> Iterator[None]:
    """Let the storage refuse to delete the content with this key."""
    storage = storages["default"]
    delete = storage.delete

    def delete_others(name: str) -> None:
        if name == key:
            raise PermissionError(name)
        delete(name)

    with patch.object(storage, "delete", delete_others):
        yield
