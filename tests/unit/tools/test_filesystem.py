"""The tool `filesystem`."""

import os
from pathlib import Path

import pytest

from orchestrator.errors import ActionError
from unit.tools.conftest import Tools


def test_a_written_file_is_read_back(tools: Tools):
    assert tools("filesystem.write", path="a/b/x.md", content="grüße\r\n") == {"path": "a/b/x.md", "size": 9}
    assert tools("filesystem.read", path="./a/b/x.md") == {
        "content": "grüße\r\n",
        "path": "a/b/x.md",
        "size": 9,
    }
