"""The full JSON Schema library behind the same door, for what the quick reader does not know."""

from collections.abc import Callable, Mapping
from typing import cast

import jsonschema
from jsonschema.exceptions import SchemaError, ValidationError
from jsonschema.protocols import Validator as LibraryValidator
from jsonschema.validators import (
    extend,  # pyright: ignore[reportUnknownVariableType] - the library's own is untyped
    validator_for,
)
from referencing import Registry
from referencing.exceptions import Unresolvable

from orchestrator.core.misfit import Misfit, shortened
from orchestrator.core.schema_checks import has_type
from orchestrator.core.schema_patterns import counted_references, faulty_patterns, guarded
from orchestrator.core.schema_visits import Visits


class LibraryCheck:
    """A schema that the library checks; raises ValueError when the schema itself is wrong."""

    def __init__(self, schema: Mapping[str, object]) -> None:
        dialect = validator_for(schema, default=jsonschema.Draft202012Validator)
        try:
            dialect.check_schema(dict(schema))
        except SchemaError as error:
            where = ".".join(str(part) for part in error.absolute_path)
            at = f" at {where}" if where else ""
            raise ValueError(f"the schema is wrong{at}: {shortened(error.message, 200)}") from None
        for place, fault in faulty_patterns(schema):
            raise ValueError(f"the schema is wrong at {'.'.join(map(str, place))}: {fault}")
        types = dialect.TYPE_CHECKER
        for name in ("integer", "number", "array", "object"):
            types = types.redefine(name, _reader(name))
        # An empty registry: a schema from a file must not make the library fetch other people's addresses.
        visits = Visits(each=4)
        keywords = {**guarded(dialect.VALIDATORS), **counted_references(dialect.VALIDATORS, visits.spend)}
        ours = extend(dialect, validators=keywords, type_checker=types)  # pyright: ignore[reportUnknownVariableType]
        made = ours(schema, registry=Registry[object]())  # pyright: ignore[reportUnknownVariableType]
        self._library = cast("LibraryValidator", made)
        self._bounded = visits.bounded(self._misfits)

    def __call__(self, value: object, /) -> list[Misfit]:
        """Return every misfit; an empty list means it fits."""
        return self._bounded(value)

    def _misfits(self, value: object) -> list[Misfit]:
        try:
            return [_misfit(error) for error in self._library.iter_errors(cast("None", value))]
        except RecursionError:
            return [Misfit((), "the schema's references go in circles, or lead too deep into this value")]
        except Unresolvable as error:
            return [Misfit((), f"the schema refers to {error.ref}, which is not inside it")]


def _reader(name: str) -> Callable[[object, object], bool]:
    return lambda _checker, value: has_type(value, name)


def _misfit(error: ValidationError) -> Misfit:
    return Misfit(tuple(error.absolute_path), shortened(error.message, 200))
