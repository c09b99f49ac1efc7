#!/usr/bin/env python3
"""Runs the golden cases: one folder a case, with the command in `cmd` and what it must give in `stdout`, `stderr`
and `status`. A missing `stdout` or `stderr` is not compared.

    tests/cli/run.py BIN_DIR            run them all
    UPDATE=1 tests/cli/run.py BIN_DIR   write what they give now; read the diff before you keep it

A command runs in the root of the repository, in an environment of PATH, LANG and TMP (an empty folder) alone.
`{TMP}` stands for that folder in what was printed. `cmd` may have several lines; it is run by sh.
"""
import os
import pathlib
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]


def run(case, tools):
    with tempfile.TemporaryDirectory() as scratch:
        environment = {"PATH": f"{tools}:/usr/bin:/bin", "LANG": "C.UTF-8", "TMP": scratch}
        done = subprocess.run(["/bin/sh", "-c", (case / "cmd").read_text()], cwd=ROOT, env=environment,
                              stdin=subprocess.DEVNULL, capture_output=True, timeout=60)
        clean = lambda text: text.decode("utf-8", "replace").replace(scratch, "{TMP}")
        return {"stdout": clean(done.stdout), "stderr": clean(done.stderr), "status": f"{done.returncode}\n"}


def main():
    tools = pathlib.Path(sys.argv[1]).resolve()
    update = os.environ.get("UPDATE") == "1"
    passed = failed = 0
    for case in sorted(path.parent for path in (ROOT / "tests/cli").glob("*/cmd")):
        got = run(case, tools)
        wrong = []
        for name, text in got.items():
            file = case / name
            if update and (file.exists() or not any((case / other).exists() for other in got)):
                file.write_text(text)
            elif file.exists() and file.read_text() != text:
                wrong.append(f"--- {case.name}/{name}: expected\n{file.read_text()}--- got\n{text}")
        passed, failed = (passed, failed + 1) if wrong else (passed + 1, failed)
        print("\n".join(wrong), end="")
    print(f"{passed} passed, {failed} failed")
    return 1 if failed or not passed else 0


if __name__ == "__main__":
    sys.exit(main())
