"""Who may import whom, as docs and CONTRIBUTING say; planted faults must be found.

Files aim at 250 lines and functions at 40; past the limits here they hold two ideas.
"""

import ast
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
Sources = dict[str, str]
MAX_FILE_LINES = 330
MAX_FUNCTION_LINES = 60
CONTRACT = {
    "collector.record",
    "collector.store",
    "collector.metrics",
    "collector.extract",
}
LEAVES = {
    "collector.facts",
    "collector.errors",
    "site_builder.model",
    "site_builder.errors",
}


def read_sources() -> Sources:
    files = [*ROOT.glob("collector/**/*.py"), *ROOT.glob("site_builder/**/*.py")]
    sources = {"seikaku": (ROOT / "seikaku.py").read_text(encoding="utf-8")}
    for file in files:
        parts = file.relative_to(ROOT).with_suffix("").parts
        name = ".".join(parts).removesuffix(".__init__")
        sources[name] = file.read_text(encoding="utf-8")
    return sources


def imports_of(source: str, known: Sources) -> set[str]:
    """Every module imported anywhere in the source; names are resolved to modules."""
    found: set[str] = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Import):
            found.update(alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module:
            inner = [f"{node.module}.{alias.name}" for alias in node.names]
            modules = [name for name in inner if name in known]
            found.update(modules or [node.module])
    return found


def is_of(module: str, package: str) -> bool:
    return module == package or module.startswith(package + ".")


def forbidden_imports(sources: Sources) -> list[str]:
    faults = []
    for name, source in sources.items():
        for target in imports_of(source, sources):
            ours = any(is_of(target, p) for p in ("collector", "site_builder"))
            rules = (
                is_of(name, "site_builder")
                and is_of(target, "collector")
                and target not in CONTRACT,
                is_of(name, "collector")
                and (is_of(target, "site_builder") or target == "seikaku"),
                any(is_of(target, p) for p in ("openai", "httpx2", "httpcore2"))
                and not is_of(name, "collector.backends"),
                is_of(target, "matplotlib") and not is_of(name, "site_builder.charts"),
                name in LEAVES and ours,
                name == "collector.record" and ours and target != "collector.facts",
                is_of(name, "collector.extract")
                and ours
                and not is_of(target, "collector.extract"),
            )
            if any(rules):
                faults.append(f"{name} imports {target}")
    return faults


def cycles(sources: Sources) -> list[str]:
    graph = {
        name: {t for t in imports_of(source, sources) if t in sources and t != name}
        for name, source in sources.items()
    }
    while True:
        free = [name for name, targets in graph.items() if not targets & graph.keys()]
        if not free:
            return sorted(graph)
        for name in free:
            del graph[name]


def too_long(sources: Sources) -> list[str]:
    faults = []
    for name, source in sources.items():
        if source.count("\n") > MAX_FILE_LINES:
            faults.append(name)
        for node in ast.walk(ast.parse(source)):
            if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef)):
                length = (node.end_lineno or 0) - node.lineno + 1
                if length > MAX_FUNCTION_LINES:
                    faults.append(f"{name}.{node.name} ({length})")
    return faults


def test_modules_import_only_what_they_may():
    assert forbidden_imports(read_sources()) == []


def test_there_are_no_import_cycles_not_even_lazy_ones():
    assert cycles(read_sources()) == []


def test_files_and_functions_stay_short_and_no_module_is_a_drawer():
    sources = read_sources()
    assert too_long(sources) == []
    drawers = {"utils", "helpers", "common", "misc"}
    assert not drawers & {name.rpartition(".")[2] for name in sources}


@pytest.mark.parametrize(
    ("name", "planted"),
    [
        ("site_builder.load", "from collector import sweep"),
        ("site_builder.load", "def f():\n    import collector.plan"),
        ("collector.store", "from site_builder.words import Words"),
        ("collector.sweep", "import openai"),
        ("collector.sweep", "from openai import OpenAI"),
        ("site_builder.assemble", "import matplotlib.pyplot"),
        ("collector.record", "from collector import errors"),
        ("collector.facts", "from collector import record"),
        ("collector.sweep", "import httpcore2"),
        ("collector.extract", "from collector import record"),
        ("site_builder.model", "from site_builder import errors"),
    ],
)
def test_a_planted_forbidden_import_is_found(name, planted):
    sources = read_sources()
    assert name in sources
    sources[name] += "\n" + planted + "\n"
    assert len(forbidden_imports(sources)) == 1


def test_a_planted_cycle_is_found():
    sources = read_sources()
    sources["collector.errors"] += "\nimport collector.store\n"
    assert "collector.store" in cycles(sources)
