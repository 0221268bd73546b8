"""The house's own rules: which room imports which, who reads the environment and the clock, the lock."""

from __future__ import annotations

import ast
import re
import subprocess
import unicodedata
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
ROOMS = ("warehouse", "sources", "expectations", "review", "dags", "cli")
MAY_IMPORT = {
    "warehouse": {"warehouse"},
    "sources": {"warehouse", "sources"},
    "expectations": {"warehouse", "expectations"},
    "review": {"warehouse", "review"},
    "dags": {"warehouse", "sources", "expectations", "review", "dags"},
    "cli": {"warehouse", "sources", "expectations", "review", "cli"},
}


def _modules(room: str) -> list[Path]:
    return [path for path in sorted((ROOT / room).rglob("*.py")) if "migrations" not in path.parts]


def _imports(path: Path) -> set[str]:
    found = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


@pytest.mark.parametrize("room", ROOMS)
def test_imports_run_one_way(room: str) -> None:
    modules = _modules(room)
    assert modules
    wrong = {
        str(path.relative_to(ROOT)): sorted(extra)
        for path in modules
        if (extra := _imports(path) & set(ROOMS) - MAY_IMPORT[room])
    }
    assert wrong == {}


def test_only_the_settings_room_reads_the_environment_and_the_clock() -> None:
    clock = re.compile(r"\b(datetime\.now|datetime\.utcnow|date\.today|datetime\.today|time\.time)\(")
    environment = re.compile(r"\bos\.(environ|getenv)\b")
    wrong = []
    for room in ROOMS:
        for path in _modules(room):
            name, text = str(path.relative_to(ROOT)), path.read_text(encoding="utf-8")
            if environment.search(text) and name != "warehouse/settings.py":
                wrong.append(f"{name} reads the environment")
            if clock.search(text) and name != "warehouse/clock.py":
                wrong.append(f"{name} reads the clock")
    assert wrong == []


def test_sql_never_asks_the_database_for_the_time() -> None:
    asked = re.compile(
        r"\b(current_date|current_timestamp|now\(\)|localtimestamp|extract\(quarter|date_trunc\('quarter)",
        re.I,
    )
    models = [
        *(ROOT / "dbt_project" / "models").rglob("*.sql"),
        *(ROOT / "expectations" / "rules").glob("*.sql"),
    ]
    assert len(models) > 40
    assert [
        str(path.relative_to(ROOT)) for path in models if asked.search(path.read_text(encoding="utf-8"))
    ] == []


def test_every_locked_package_has_hashes_and_no_address_is_named() -> None:
    lock = (ROOT / "requirements.lock").read_text(encoding="utf-8")
    packages = re.findall(r"^[a-z0-9][^\n]*==[^\n]*", lock, re.M)
    blocks = re.split(r"^(?=[a-z0-9])", lock, flags=re.M)[1:]
    assert len(packages) == len(blocks) > 150
    assert [block.split()[0] for block in blocks if "--hash=sha256:" not in block] == []
    assert not re.search(r"https?://|--index-url|--find-links|file:", lock)
    assert not (ROOT / "uv.lock").exists() or _git("check-ignore", "uv.lock") == "uv.lock"


def test_text_is_nfc() -> None:
    wrong = []
    for name in _git("ls-files").splitlines():
        path = ROOT / name
        if path.suffix in {".py", ".sql", ".yml", ".md", ".html", ".css", ".j2", ".toml"} and path.exists():
            text = path.read_text(encoding="utf-8")
            if text != unicodedata.normalize("NFC", text):
                wrong.append(name)
    assert wrong == []


def _git(*arguments: str) -> str:
    done = subprocess.run(["git", *arguments], cwd=ROOT, capture_output=True, text=True, check=True)
    return done.stdout.strip()
