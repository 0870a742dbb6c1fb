"""The command line: the door where errors become text and exit codes."""
