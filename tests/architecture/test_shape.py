"""Sizes, names and words: what keeps the code readable by a newcomer."""

from __future__ import annotations

import ast
import re

import pytest

from tests.architecture.source import ROOT, Module, modules, size

SOURCE = ("crm_assist", "project", "fixtures", "benchmarks", "docs")
MODULE_LINES = 300
FUNCTION_LINES = 40
EMPTY_NAMES = re.compile(r"(^|_)(utils?|helpers?|managers?|common|misc|shared|base|part_?\d+|stuff)$")
LEFT_OPEN = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b|raise NotImplementedError|pragma: no cover")
# Words of whoever writes the code; readers of the product have no use for them.
FOREIGN_WORDS = re.compile(r"\b(Claude|ChatGPT|Copilot|sub-?agents?|helper session|issue #?\d+|/opt/venv|/work/)", re.I)


def test_modules__stay_below_300_lines() -> None:
    long = [f"{m.place} ({lines})" for m in modules(*SOURCE) if (lines := m.text.count("\n")) >= MODULE_LINES]
    assert long == []


def test_functions__stay_below_40_lines() -> None:
    long = [
        f"{module.place}:{node.lineno} {node.name} ({size(node)})"
        for module in modules(*SOURCE)
        for node in module.functions()
        if size(node) >= FUNCTION_LINES
    ]
    assert long == []


def test_names__of_modules_and_folders__say_an_idea() -> None:
    empty = [
        module.place
        for module in modules(*SOURCE, "tests")
        if any(EMPTY_NAMES.search(part) for part in module.name.split("."))
    ]
    assert empty == []


def test_modules__open_with_a_docstring_and_annotations() -> None:
    wrong = []
    for module in modules(*SOURCE):
        if not module.text.strip():
            continue
        if ast.get_docstring(module.tree) is None:
            wrong.append(f"{module.place}: no docstring")
        has_code = any(isinstance(node, ast.FunctionDef | ast.ClassDef) for node in module.tree.body)
        if has_code and "from __future__ import annotations" not in module.text:
            wrong.append(f"{module.place}: no `from __future__ import annotations`")
    assert wrong == []


def test_public_names__have_a_docstring() -> None:
    silent = [found for module in modules(*SOURCE) for found in _undocumented(module)]
    assert silent == []


def _undocumented(module: Module) -> list[str]:
    """Public functions and classes of the module, and public methods that override nothing."""
    silent = []
    for node in module.tree.body:
        if not isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            continue
        if node.name.startswith("_"):
            continue
        if ast.get_docstring(node) is None:
            silent.append(f"{module.place}:{node.lineno} {node.name}")
        if isinstance(node, ast.ClassDef) and not node.bases:
            silent += _undocumented_methods(module, node)
    return silent


def _undocumented_methods(module: Module, owner: ast.ClassDef) -> list[str]:
    """A method of a class with a base may be told by the base; one of our own class may not be silent."""
    return [
        f"{module.place}:{node.lineno} {owner.name}.{node.name}"
        for node in owner.body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef)
        and not node.name.startswith("_")
        and ast.get_docstring(node) is None
        and not any(ast.unparse(decorator) == "overload" for decorator in node.decorator_list)
    ]


def test_nothing__is_left_open() -> None:
    left = [
        f"{module.place}:{number} {line.strip()[:80]}"
        for module in modules(*SOURCE)
        for number, line in enumerate(module.text.splitlines(), 1)
        if LEFT_OPEN.search(line)
    ]
    assert left == []


def test_no_pickle__is_stored_or_loaded() -> None:
    wrong = [
        f"{module.place}:{found.line}"
        for module in modules(*SOURCE)
        for found in module.imports()
        if found.name.split(".")[0] in {"pickle", "joblib", "cloudpickle", "dill", "shelve", "marshal"}
    ]
    assert wrong == []


def test_tests__are_never_skipped() -> None:
    pattern = re.compile(r"mark\.(skip|skipif|xfail)\b|pytest\.(skip|xfail|importorskip)\(")
    here = ROOT / "tests" / "architecture" / "test_shape.py"
    wrong = [
        f"{module.place}:{number}"
        for module in modules("tests")
        if module.path != here
        for number, line in enumerate(module.text.splitlines(), 1)
        if pattern.search(line)
    ]
    assert wrong == []


@pytest.mark.parametrize("folder", [*SOURCE, "tests"])
def test_words__are_about_the_product_alone(folder: str) -> None:
    here = ROOT / "tests" / "architecture" / "test_shape.py"
    wrong = [
        f"{module.place}:{number} {line.strip()[:80]}"
        for module in modules(folder)
        if module.path != here
        for number, line in enumerate(module.text.splitlines(), 1)
        if FOREIGN_WORDS.search(line)
    ]
    assert wrong == []
