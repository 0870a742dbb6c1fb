"""How an action's function is called: from plain parameters to Python arguments."""

import functools
import sys
import threading
from collections.abc import Callable, Coroutine, Mapping
from typing import cast

from msgspec import Struct

from orchestrator.core.action import ActionContext, Params
from orchestrator.errors import ActionError, SetupError
from orchestrator.tools.code_place import is_built_in
from orchestrator.tools.promise import Promise
from orchestrator.tools.shape import Read
from orchestrator.tools.signature import Signature, read_signature


class Instance:
    """The one object of a tool class, made at its first use."""

    __slots__ = ("_lock", "_made", "_owner")

    def __init__(self, owner: type) -> None:
        self._owner = owner
        self._made: object = None
        self._lock = threading.Lock()

    def get(self) -> object:
        """Return the object; threads that ask at once get the same one."""
        with self._lock:
            if self._made is None:
                self._made = cast("Callable[[], object]", self._owner)()
            return self._made


class Call:
    """Calls a function with an action's parameters."""

    __slots__ = ("_context", "_function", "_instance", "_is_async", "_name", "_promise", "_reads")

    def __init__(
        self, function: Callable[..., object], signature: Signature, instance: Instance | None = None
    ) -> None:
        self._function = function
        self._name = function.__qualname__
        self._reads = signature.reads
        self._context = signature.context
        self._instance = instance
        self._is_async = signature.is_async
        self._promise = None if is_built_in(function) else Promise(function, signature.result)

    def __call__(self, parameters: Params, ctx: ActionContext | None) -> object:
        promise = self._promise
        if promise is None:
            return self._call(parameters, ctx)
        try:
            result = self._call(parameters, ctx)
        except ActionError:
            raise
        except Exception as error:
            promise.note_place(error)
            raise
        if self._is_async:
            return promise.kept_later(cast("Coroutine[object, object, object]", result))
        return promise.kept(result)

    def _call(self, parameters: Params, ctx: ActionContext | None) -> object:
        arguments = _arguments(parameters, self._reads, self._name) if self._reads else dict(parameters)
        if self._context:
            arguments[self._context] = ctx
        if self._instance is None:
            return self._function(**arguments)
        return self._function(self._instance.get(), **arguments)


class CallByName(Struct, frozen=True, kw_only=True):
    """Calls a function that is found again by module and name, so that it can travel to another process."""

    module: str
    qualname: str
    file: str = ""
    """The file to load the module from when it is not importable by name."""
    digest: str = ""
    """What that file must hold."""

    def __call__(self, parameters: Params, ctx: ActionContext | None) -> object:
        return _found(self)(parameters, ctx)


@functools.cache
def _found(wanted: CallByName) -> Call:
    """Find the function; a worker process looks once and makes a class's object once."""
    import importlib

    if wanted.file and wanted.module not in sys.modules:
        from orchestrator.tools.module_file import load_module

        load_module(wanted.file, expect=wanted.digest)
    owner: object = None
    found: object = importlib.import_module(wanted.module)
    for name in wanted.qualname.split("."):
        owner, found = found, cast("object", getattr(found, name, None))
    if not callable(found):
        raise SetupError(
            f"{wanted.qualname} is no longer in the module {wanted.module}",
            hint="functions with cpu=True must be found under the name they were defined with.",
        )
    function: Callable[..., object] = found
    if isinstance(owner, type):
        return Call(function, read_signature(function, bound=True), Instance(owner))
    return Call(function, read_signature(function))


def _arguments(parameters: Params, reads: Mapping[str, Read], name: str) -> dict[str, object]:
    arguments = dict(parameters)
    for key, read in reads.items():
        if key in arguments:
            try:
                arguments[key] = read(arguments[key])
            except (ValueError, TypeError, ArithmeticError) as error:
                raise ActionError(
                    f"{name}: the parameter {key!r} cannot be read: {error}", error_class="invalid_request"
                ) from error
    return arguments
