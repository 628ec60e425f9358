"""What every file of the product has in common."""

import ast
import re
from collections.abc import Iterator
from pathlib import Path

HOUSE = Path(__file__).parents[2]
FOLDERS = ("integration", "tasks", "sandbox", "tests", "benchmarks")
LONGEST_FILE, LONGEST_FUNCTION, LONGEST_TASK = 400, 50, 12
Function = ast.FunctionDef | ast.AsyncFunctionDef


def files(*folders: str) -> list[Path]:
    """The Python files of these folders."""
    found = [path for folder in folders for path in (HOUSE / folder).rglob("*.py")]
    return sorted(path for path in found if "migrations/versions" not in path.as_posix())


def named(paths: list[Path]) -> dict[str, Path]:
    return {path.relative_to(HOUSE).as_posix(): path for path in paths}


def functions(path: Path) -> Iterator[Function]:
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, Function):
            yield node


def length(function: Function) -> int:
    return (function.end_lineno or 0) - function.lineno + 1


ALL = named(files(*FOLDERS))


def test_no_file_is_longer_than_one_sitting() -> None:
    assert [name for name, path in ALL.items() if len(path.read_text().splitlines()) > LONGEST_FILE] == []


def test_no_function_is_longer_than_a_screen() -> None:
    long = [f"{name}: {each.name}" for name, path in ALL.items() for each in functions(path)
            if length(each) > LONGEST_FUNCTION]  # fmt: skip

    assert long == []


def test_every_module_says_in_one_sentence_why_it_exists() -> None:
    silent = [name for name, path in ALL.items() if path.read_text().strip() and not first_sentence(path)]

    assert silent == []


def test_a_task_only_calls_its_flow() -> None:
    tasks = [
        (each.name, length(each)) for path in files("tasks") for each in functions(path)
        if any("task" in ast.unparse(mark) for mark in each.decorator_list)
    ]  # fmt: skip

    assert len(tasks) > 10
    assert [name for name, lines in tasks if lines > LONGEST_TASK] == []


def first_sentence(path: Path) -> str:
    """The sentence that a module begins with, or nothing."""
    said = ast.get_docstring(ast.parse(path.read_text())) or ""
    found = re.match(r".+?[.:](\s|$)", said, re.DOTALL)
    return found.group() if found else ""


def imported(path: Path) -> set[str]:
    """The top-level packages a file imports."""
    found = set()
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Import):
            found |= {name.name.partition(".")[0] for name in node.names}
        elif isinstance(node, ast.ImportFrom) and not node.level:
            found.add((node.module or "").partition(".")[0])
    return found


def test_the_product_and_the_twins_do_not_know_each_other() -> None:
    assert [str(path) for path in files("sandbox") if imported(path) & {"integration", "tasks"}] == []
    assert [str(path) for path in files("integration", "tasks") if "sandbox" in imported(path)] == []


def test_no_product_code_knows_its_tests() -> None:
    product = files("integration", "tasks", "sandbox")

    assert [str(path) for path in product if imported(path) & {"tests", "pytest"}] == []


def test_no_work_is_left_for_later_in_a_comment() -> None:
    marks = ("TO" + "DO", "FIX" + "ME", "XX" + "X")

    assert [name for name, path in ALL.items() if any(mark in path.read_text() for mark in marks)] == []
