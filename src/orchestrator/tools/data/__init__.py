"""The tool `data`: tables as lists of mappings, read, shaped, joined, counted and checked.

Everything but reading and writing is `pure` and written in plain Python: values stay what they are (integers of any
size, Decimals, mixed columns), nothing has to be installed, and below some hundred thousand rows turning them into
data frames and back costs more than it saves. Only Parquet files need polars (`pip install "py-orc[data]"`).
"""

from orchestrator.tools.data.checking import validate
from orchestrator.tools.data.columns import derive, select
from orchestrator.tools.data.files import read, write
from orchestrator.tools.data.grouping import aggregate, pivot
from orchestrator.tools.data.joining import join
from orchestrator.tools.data.ordering import deduplicate, filter_, sort
from orchestrator.tools.data.profiling import profile
from orchestrator.tools.tool import actions_of

ACTIONS = actions_of(
    read, write, filter_, select, derive, sort, join, aggregate, pivot, deduplicate, profile, validate
)
