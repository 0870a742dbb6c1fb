"""Compiled templates: text with holes or one expression, ready to be read by the checks and rendered.

Parsing happens at once, so that mistakes show where they were written; references and closures are made when they are
first asked for, so that a file that is only checked pays for no evaluation and the other way round.
"""

from collections.abc import Callable, Mapping, Sequence

from orchestrator.core.extent import excess
from orchestrator.core.plain import is_mapping
from orchestrator.core.template import REFER_TO_LESS, Reference, Template
from orchestrator.core.undefined import Undefined
from orchestrator.errors import TemplateError
from orchestrator.expressions.blocks import PLAIN_HOLE, BlockParser, plain_chain
from orchestrator.expressions.chains import Names, Run, chain_reader
from orchestrator.expressions.evaluator import Evaluator
from orchestrator.expressions.frame import DEFAULT_LIMITS, Frame, Limits
from orchestrator.expressions.parser import Parser
from orchestrator.expressions.references import references_of
from orchestrator.expressions.refusal import Refused, failure
from orchestrator.expressions.rendering import Pieces, Renderer
from orchestrator.expressions.scope import UNSET, Scope
from orchestrator.expressions.tree import Chain, Hole, Node
from orchestrator.expressions.values import defined, join_pieces, truth

MAX_LENGTH = 200_000
"""Characters of one template."""
_PLAIN = frozenset((str, int, bool, float, dict, list, type(None)))
_ATOMS = frozenset((str, int, bool, float, type(None)))
_WORDS_OF_TRUTH = frozenset(("true", "false", "yes", "no"))


class CompiledTemplate:
    """A template's tree and, once they were needed, its references and its closures."""

    __slots__ = ("_limits", "_references", "_render", "nodes", "source", "value")

    def __init__(self, source: str, nodes: Sequence[Node], value: Node | None, limits: Limits) -> None:
        self.source = source
        self.nodes = nodes
        self.value = value
        """The expression whose exact value this template gives; None when it gives text."""
        self._limits = limits
        self._references: tuple[Reference, ...] | None = None
        self._render: Callable[[Mapping[str, object]], object] | None = None

    @property
    def references(self) -> tuple[Reference, ...]:
        """Everything that may be read from the names, once per place."""
        if self._references is None:
            self._references = references_of(self.nodes)
        return self._references

    def render(self, names: Mapping[str, object]) -> object:
        """Return the value of the expression, or the text."""
        result = (self._render or self._prepare())(names)
        if type(result) in _PLAIN:
            return result
        if isinstance(result, Undefined):
            self._defined(result)
        return dict(result) if is_mapping(result) else result

    def test(self, names: Mapping[str, object]) -> bool:
        """Return the truth of the value, as a condition asks for it."""
        result = (self._render or self._prepare())(names)
        if result is True or result is False:
            return result
        node = self.value or self.nodes[0]
        if isinstance(result, str) and result.strip().lower() in _WORDS_OF_TRUTH:
            raise failure(
                f'the condition is the text "{result}", not a truth value',
                node,
                f'compare it: `… == "{result}"`.',
            )
        try:
            return truth(result)
        except Refused as refused:
            raise refused.at(node) from None

    def _defined(self, result: object) -> None:
        try:
            defined(result)
        except Refused as refused:
            raise refused.at(self.value or self.nodes[0]) from None

    def _prepare(self) -> Callable[[Mapping[str, object]], object]:
        """Make the closures; two threads that do so at once make the same."""
        if isinstance(self.value, Chain):
            render = chain_reader(self.value)
        elif self.value:
            render = self._expression(self.value)
        else:
            render = self._text()
        self._render = render
        return render

    def _expression(self, node: Node) -> Callable[[Mapping[str, object]], object]:
        run: Run = Evaluator(self.source).compile(node, Scope())
        limits = self._limits

        def render(names: Names) -> object:
            result = run(Frame(names, limits))
            if type(result) not in _ATOMS and (much := excess(result)):
                raise failure(f"this makes a value of {much}", node, REFER_TO_LESS)
            return result

        return render

    def _text(self) -> Callable[[Mapping[str, object]], object]:
        scope = Scope()
        write = Renderer(Evaluator(self.source)).body(self.nodes, scope)
        size, limits = len(scope.cells), self._limits
        whole = self.nodes[0] if self.nodes else Node(0, 0)

        def render(names: Names) -> object:
            frame = Frame(names, limits)
            if size:
                frame.cells = [UNSET] * size
            pieces: Pieces = []
            write(frame, pieces)
            try:
                return join_pieces(frame, pieces)
            except Refused as refused:
                raise refused.at(whole) from None

        return render


class TemplateCache:
    """Compiles each text once; for whoever compiles many, such as one file's compiler."""

    __slots__ = ("_expressions", "_limits", "_templates")

    def __init__(self, *, limits: Limits = DEFAULT_LIMITS) -> None:
        self._limits = limits
        self._templates: dict[str, Template] = {}
        self._expressions: dict[str, Template] = {}

    def template(self, text: str) -> Template:
        """Return what `compile_template` makes of the text."""
        found = self._templates.get(text)
        if found is None:
            found = self._templates[text] = compile_template(text, limits=self._limits)
        return found

    def expression(self, text: str) -> Template:
        """Return what `compile_expression` makes of the text."""
        found = self._expressions.get(text)
        if found is None:
            found = self._expressions[text] = compile_expression(text, limits=self._limits)
        return found


def is_template(text: str) -> bool:
    """Tell whether a text holds a tag of the language."""
    return "{{" in text or "{%" in text or "{#" in text


def compile_template(text: str, *, limits: Limits = DEFAULT_LIMITS) -> Template:
    """Compile text with holes; one that is exactly one `{{ … }}` gives the exact value of its expression."""
    _check_length(text)
    found = PLAIN_HOLE.fullmatch(text)
    chain = plain_chain(text, 0, found) if found else None
    if chain:
        return CompiledTemplate(text, (Hole(chain, 0, len(text)),), chain, limits)
    nodes = _single_hole(text) or BlockParser(text).whole()
    only = nodes[0] if len(nodes) == 1 else None
    if isinstance(only, Hole) and only.offset == 0 and only.end == len(text):
        return CompiledTemplate(text, nodes, only.value, limits)
    return CompiledTemplate(text, nodes, None, limits)


def compile_expression(text: str, *, limits: Limits = DEFAULT_LIMITS) -> Template:
    """Compile an expression, bare or as one whole `{{ … }}`, for `if`, `while`, `for_each` and `switch`."""
    _check_length(text)
    start = len(text) - len(text.lstrip())
    if text.startswith("{{", start):
        return _whole_hole(text, start, limits)
    if text.startswith(("{%", "{#"), start):
        raise TemplateError("an expression is expected, not a block", offset=start, length=2)
    parser = Parser(text, 0, close="")
    value = parser.whole()
    return CompiledTemplate(text, (Hole(value, 0, len(text)),), value, limits)


def _check_length(text: str) -> None:
    if len(text) > MAX_LENGTH:
        message = f"a template may have {MAX_LENGTH:,} characters, and this one has {len(text):,}"
        raise TemplateError(message, hint="keep long texts in a file of their own, and read it in a step.")


def _single_hole(text: str) -> Sequence[Node]:
    """Return the hole that makes up the whole text, nothing when there may be more; saves the search for tags."""
    if not text.startswith("{{") or not text.endswith("}}") or text.count("{{") > 1:
        return ()
    inside = 3 if text[2:3] in {"-", "+"} else 2
    parser = Parser(text, inside, close="}}")
    if parser.closing[3] != len(text):
        return ()
    return (Hole(parser.whole(), 0, len(text)),)


def _whole_hole(text: str, start: int, limits: Limits) -> Template:
    inside = start + 3 if text[start + 2 : start + 3] in {"-", "+"} else start + 2
    parser = Parser(text, inside, close="}}", opened=start)
    value = parser.whole()
    end = parser.closing[3]
    if text[end:].strip():
        raise TemplateError(
            "one expression is expected, but more follows",
            offset=end,
            length=len(text) - end,
            hint="write the whole condition inside one `{{ … }}`, or bare.",
        )
    return CompiledTemplate(text, (Hole(value, start, end),), value, limits)
