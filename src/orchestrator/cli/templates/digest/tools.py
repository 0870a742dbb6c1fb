"""Tools of this project: every function with @tool is an action that steps can call."""

from orchestrator import tool


@tool(effect="pure")
def count_words(text: str) -> int:
    """Count the words of a text."""
    return len(text.split())
