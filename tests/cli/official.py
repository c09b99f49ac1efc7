#!/usr/bin/env python3
"""Holds SARIF against the official JSON Schema of SARIF 2.1.0, and JUnit XML against docs/schema/junit.xsd.

The schema of SARIF is not part of this repository. Where it is at hand it is taken: $MS_SARIF_SCHEMA, or
sarif-2.1.0-rtm.5.json in the build folder, where scripts/fetch-sarif-schema puts it. Without it that half is skipped;
formats.py checks what we use of SARIF in any case. The XSD needs xmllint.
"""
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

import jsonschema

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(sys.argv[1]).resolve()
SARIF = pathlib.Path(os.environ.get("MS_SARIF_SCHEMA", TOOLS / "sarif-2.1.0-rtm.5.json"))
HOSTS = ["healthy-800i-a2", "badly-set-800i-a2", "no-driver"]
WAIVERS = """[[waiver]]
rule = ["NPU-HEALTH", "SYS-SWAPPINESS"]
reason = "5 < 6 & \\"quoted\\""
owner = "hardware team"
expires = 2999-12-31
"""


def main():
    checked, skipped = 0, []
    sarif = jsonschema.Draft4Validator(json.loads(SARIF.read_text())) if SARIF.exists() else None
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        (folder / "waivers.toml").write_text(WAIVERS)
        for host in HOSTS:
            for lang in ("en", "zh"):
                subprocess.run([TOOLS / "msprecheck", "precheck", "--facts", f"example:{host}", "--lang", lang, "-v",
                                "--waivers", folder / "waivers.toml", f"--report=sarif={folder}/log.sarif",
                                f"--report=junit={folder}/junit.xml"], capture_output=True, timeout=60)
                if sarif:
                    sarif.validate(json.loads((folder / "log.sarif").read_text()))
                    checked += 1
                if shutil.which("xmllint"):
                    done = subprocess.run(["xmllint", "--noout", "--schema", ROOT / "docs/schema/junit.xsd",
                                           folder / "junit.xml"], capture_output=True, text=True, timeout=60)
                    assert done.returncode == 0, done.stderr
                    checked += 1
    if not sarif:
        skipped.append(f"SARIF: no schema at {SARIF}")
    if not shutil.which("xmllint"):
        skipped.append("JUnit: no xmllint")
    print("\n".join(f"skipped: {reason}" for reason in skipped))
    print(f"{checked} passed, 0 failed, {len(skipped)} skipped")
    return 0 if checked else 77


if __name__ == "__main__":
    sys.exit(main())
