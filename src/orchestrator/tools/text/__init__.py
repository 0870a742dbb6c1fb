"""The tool `text`: chunks, whole documents from templates, regular expressions."""

from orchestrator.tools.text.regex import regex
from orchestrator.tools.text.splitting import split
from orchestrator.tools.text.template import template
from orchestrator.tools.tool import actions_of

ACTIONS = actions_of(split, template, regex)
