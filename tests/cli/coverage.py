#!/usr/bin/env python3
"""Holds docs/coverage.md against the rule packs.

  coverage.py BUILD_DIR

Every row names rules that exist, or says why there are none; a row about a variable names a rule that reads it. Every
defect names a test, an example or a reason.
"""

import pathlib
import re
import subprocess
import sys

SOURCE = pathlib.Path(__file__).resolve().parents[2]
FEWEST_ROWS = 150  # the catalogue has no fewer; rows do not get lost


def rules(binary):
    """The text of every built-in rule, by id."""
    listed = subprocess.run([binary, "rules", "list"], capture_output=True, text=True, check=True).stdout
    known = set(re.findall(r"^\s+\w+\s+([A-Z][A-Z0-9]*(?:-[A-Z0-9]+)+)\s", listed, re.M))
    texts = {}
    for pack in sorted((SOURCE / "rules" / "precheck").glob("*.toml")):
        if pack.name.endswith(".examples.toml"):
            continue
        for block in pack.read_text(encoding="utf-8").split("[[rule]]")[1:]:
            texts[re.search(r'^id\s*=\s*"([^"]+)"', block, re.M).group(1)] = block
    assert known == set(texts), f"rules list and the packs differ: {sorted(known ^ set(texts))[:5]}"
    return texts


def rows(page):
    """(check, rule ids, note) of every row of a table."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if not line.startswith("|") or len(cells) != 3 or cells[0] == "check" or set(cells[0]) <= {"-"}:
            continue
        yield cells[0], re.findall(r"`([A-Z0-9-]+)`", cells[1]), cells[2]


def defects(page):
    """(number, what holds it, note) of every row of the table of defects."""
    for line in page.splitlines():
        cells = [cell.strip() for cell in line.strip().strip("|").split("|")]
        if line.startswith("|") and len(cells) == 4 and cells[0].isdigit():
            yield int(cells[0]), cells[2], cells[3]


def test_names():
    """The names of all unit tests; a name may be written over several lines."""
    names = set()
    for source in (SOURCE / "tests" / "unit").glob("*.cpp"):
        for call in re.findall(r'TEST_CASE\(\s*((?:"(?:[^"\\]|\\.)*"\s*)+)\)', source.read_text(encoding="utf-8")):
            names.add("".join(re.findall(r'"((?:[^"\\]|\\.)*)"', call)))
    return names


def what_is_wrong(held_by, note, texts, tests):
    """None where what holds a defect is there."""
    if not held_by:
        return None if note.startswith("impossible") else "neither held nor impossible"
    kind, _, names = held_by.partition(": ")
    if kind == "unit":
        missing = [name for name in names.split("; ") if name not in tests]
    elif kind == "cli":
        missing = [name for name in names.split(", ") if not (SOURCE / "tests" / "cli" / name / "cmd").is_file()]
    else:
        missing = [name for name in names.split(", ") if kind != "rule" or name not in texts]
    return f"there is no {kind} {missing}" if missing else None


def main():
    texts = rules(str(pathlib.Path(sys.argv[1]) / "msprecheck"))
    failures = []
    passed = 0
    for check, ids, note in rows((SOURCE / "docs" / "coverage.md").read_text(encoding="utf-8")):
        problem = None
        unknown = [i for i in ids if i not in texts]
        variable = check if re.fullmatch(r"[A-Z][A-Z0-9]*(_[A-Z0-9]+)+", check) else None
        if unknown:
            problem = f"no such rule: {', '.join(unknown)}"
        elif not ids and len(note) < 20:
            problem = "no rule, and no reason why not"
        elif variable and not note and not any(variable in texts[i] for i in ids):
            problem = f"none of its rules reads {variable}"
        if problem:
            failures.append(f"{check}: {problem}")
        else:
            passed += 1
    page = (SOURCE / "docs" / "coverage.md").read_text(encoding="utf-8")
    tests = test_names()
    for number, held_by, note in defects(page):
        problem = what_is_wrong(held_by, note, texts, tests)
        passed += problem is None
        if problem:
            failures.append(f"defect {number}: {problem}")
    if passed + len(failures) < FEWEST_ROWS:
        failures.append(f"only {passed + len(failures)} rows")
    if len(texts) <= 350:
        failures.append(f"only {len(texts)} rules")
    print("\n".join(failures))
    print(f"{passed} passed, {len(failures)} failed")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
