"""The tool `report`: anything as a document to read, in Markdown and as one self-contained HTML page.

`contents` turns values into blocks; text in them is read as Markdown by `reading`, so that prose of models looks as it
was meant; `markdown` and `page` write the same blocks out. Neither output carries raw HTML of its input.
"""

from orchestrator.tools.report.writing import write
from orchestrator.tools.tool import actions_of

ACTIONS = actions_of(write)
