#!/usr/bin/env python3
"""Validates the JSON of the tools, over the built-in examples, against docs/schema/, and checks what a schema
cannot say: that the counts of the summary are those of the findings, and that the status is the process's own."""
import collections
import json
import pathlib
import subprocess
import sys

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(sys.argv[1]).resolve()

HOSTS = ["healthy-800i-a2", "badly-set-800i-a2", "no-driver"]
ADVICE = [
    ["-in", "256", "-out", "256", "--model", "Qwen2.5-7B-Instruct", "--chip", "910B4"],
    ["-in", "256", "-out", "256", "-s", "example:qwen2.5-7b", "--facts", "example:healthy-800i-a2"],
    ["-in", "2048", "-out", "512", "--model", "DeepSeek-V3", "--chip", "910B3", "-tp", "16"],
    ["-in", "256", "-out", "256", "--model", "Qwen2.5-72B-Instruct", "--chip", "910B4"],
]


def run(arguments):
    done = subprocess.run([str(part) for part in arguments], cwd=ROOT, capture_output=True, timeout=60)
    return json.loads(done.stdout), done.returncode


def main():
    schema = lambda name: json.loads((ROOT / "docs/schema" / name).read_text())
    precheck, advice = schema("precheck.schema.json"), schema("advice.schema.json")
    facts = schema("facts.schema.json")
    runs = 0
    for host in HOSTS:
        for lang in ("en", "zh"):
            report, status = run([TOOLS / "msprecheck", "precheck", "--facts", f"example:{host}", "--format", "json",
                                  "--lang", lang])
            jsonschema.validate(report, precheck)
            counts = collections.Counter(finding["outcome"] for finding in report["findings"])
            assert {name: count for name, count in report["summary"].items() if count} == dict(counts), host
            assert report["exit"]["status"] == status, host
            runs += 1
    for source in (["dump"], ["dump", "--without-readings"], ["facts", "memory", "--format", "json"]):
        for host in HOSTS:
            document, status = run([TOOLS / "msprecheck", *source, "--root", f"tests/data/hosts/{host}"])
            jsonschema.validate(document, facts)
            assert ("readings" in document) == (source == ["dump"]) and status == 0, (source, host)
            runs += 1
    for arguments in ADVICE:
        report, status = run([TOOLS / "msadvisor", *arguments, "--format", "json"])
        jsonschema.validate(report, advice)
        assert report["exit"]["status"] == status, arguments
        runs += 1
    for folder in sorted((ROOT / "tests/data/profiles").iterdir()):
        for more in ([], ["--stats"]):
            report, status = run([TOOLS / "msadvisor", "profile", folder, "--format", "json", *more])
            jsonschema.validate(report, schema("profile.schema.json"))
            assert report["exit"]["status"] == status == 0, folder
            runs += 1
    print(f"{runs} passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
