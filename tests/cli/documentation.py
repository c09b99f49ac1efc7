#!/usr/bin/env python3
"""The completions and manuals that the tools write: bash's is sourced and asked, zsh's and fish's are read by their
shells, the manuals by groff and mandoc; what is not installed is skipped and said so."""
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]
TOOLS = pathlib.Path(sys.argv[1]).resolve()
skipped = []


def output(tool, *arguments):
    return subprocess.run([TOOLS / tool, *arguments], capture_output=True, text=True, timeout=60, check=True).stdout


def run(command, **options):
    return subprocess.run(command, capture_output=True, text=True, timeout=60, **options)


# Parts a line into words as readline does, with its usual break characters, and calls the function.
ASK = r"""
source "$1"
COMP_WORDBREAKS=$' \t\n"\'><=;|&(:'
COMP_LINE=$2 COMP_POINT=${#2} COMP_WORDS=($2) COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
"_${2%% *}"
printf '%s\n' "${COMPREPLY[@]}"
"""


def complete(script, line, folder):
    done = run(["bash", "-c", ASK, "bash", script, line], cwd=folder)
    assert done.returncode == 0 and not done.stderr, (line, done.stderr)
    return [word for word in done.stdout.split("\n") if word]


def check_bash(folder):
    scripts = {}
    for tool in ("msprecheck", "msadvisor"):
        scripts[tool] = folder / f"{tool}.bash"
        scripts[tool].write_text(output(tool, "completion", "bash"))
        assert run(["bash", "-n", scripts[tool]]).returncode == 0
        if shutil.which("shellcheck"):
            done = run(["shellcheck", "-s", "bash", "-S", "warning", scripts[tool]])
            assert done.returncode == 0, done.stdout
    (folder / "mine.toml").touch()
    (folder / "rules").mkdir()
    ask = lambda line: complete(scripts[line.split()[0]], line, folder)
    assert ask("msprecheck pre") == ["precheck"]
    assert set(ask("msprecheck ")) >= {"precheck", "facts", "eval", "dump", "rules", "drill", "completion", "man"}
    assert set(ask("msprecheck rules ")) >= {"list", "show", "explain", "test", "lint"}
    assert set(ask("msprecheck precheck --f")) == {"--facts", "--fail-on", "--fix-script", "--format"}
    assert ask("msprecheck precheck --format s") == ["sarif"]
    assert ask("msprecheck precheck --format=s") == ["sarif"]
    assert ask("msprecheck precheck -l m") == ["medium"]
    assert ask("msprecheck precheck --fail-on ") == ["error", "warning", "info", "never"] or set(
        ask("msprecheck precheck --fail-on ")) == {"error", "warning", "info", "never"}
    assert ask("msprecheck rules explain NPU-HEA") == ["NPU-HEALTH"]
    assert ask("msprecheck rules show NPU-HEA") == ["NPU-HEALTH"]
    assert ask("msprecheck drill NPU-HEA") == ["NPU-HEALTH"]
    # Bash replaces what stands behind the last ':' or '=' alone.
    assert ask("msprecheck precheck --facts example:ba") == ["badly-set-800i-a2"]
    assert ask("msprecheck precheck --facts=example:ba") == ["badly-set-800i-a2"]
    assert "mine.toml" in ask("msprecheck precheck --facts m")
    assert ask("msprecheck precheck --report ju") == ["junit="]
    assert ask("msprecheck precheck --report junit=mi") == ["mine.toml"]
    assert ask("msprecheck precheck --root r") == ["rules"]
    assert ask("msprecheck precheck --profile stri") == ["strict"]
    assert ask("msprecheck precheck --scene pd_m") == ["pd_mix"]
    assert ask("msprecheck completion z") == ["zsh"]
    assert ask("msadvisor --chip 910B4") and ask("msadvisor mod") == ["models"]
    assert ask("msadvisor -s example:qw") == ["qwen2.5-7b"]


def check_zsh(folder):
    for tool in ("msprecheck", "msadvisor"):
        script = folder / f"_{tool}"
        script.write_text(output(tool, "completion", "zsh"))
        done = run(["zsh", "-n", script])
        assert done.returncode == 0 and not done.stderr, done.stderr
        # Loaded as the completion system loads it.
        done = run(["zsh", "-fc", f"fpath=({folder} $fpath); autoload -Uz compinit; compinit -u -d {folder}/dump; "
                    f"print $_comps[{tool}]; autoload +X _{tool}"])
        assert done.stdout.strip() == f"_{tool}" and not done.stderr, done


def check_fish(folder):
    for tool in ("msprecheck", "msadvisor"):
        script = folder / f"{tool}.fish"
        script.write_text(output(tool, "completion", "fish"))
        assert run(["fish", "--no-execute", script]).returncode == 0
    ask = lambda line: {word.split("\t")[0] for word in run(
        ["fish", "-Nc", f"source {folder}/msprecheck.fish; complete -C '{line}'"]).stdout.splitlines()}
    assert ask("msprecheck pre") == {"precheck"}
    assert "NPU-HEALTH" in ask("msprecheck rules explain NPU-HEA")
    assert ask("msprecheck precheck --format s") == {"sarif"}
    assert "--waivers" in ask("msprecheck precheck --w")


def check_manual(tool, folder):
    page = folder / f"{tool}.1"
    page.write_text(output(tool, "man"))
    if shutil.which("groff"):
        done = run(["groff", "-t", "-man", "-Tutf8", "-ww", page])
        assert done.returncode == 0 and not done.stderr, done.stderr
        shown = re.sub(r"\x1b\[[0-9;]*m|.\x08", "", done.stdout)
        for section in ("NAME", "SYNOPSIS", "OPTIONS", "COMMANDS", "EXIT STATUS", "ENVIRONMENT"):
            assert f"\n{section}\n" in shown, section
        # Every option of --help is there, for every command.
        for command in [[]] + ([["precheck"], ["rules", "list"]] if tool == "msprecheck" else []):
            for option in re.findall(r"^  (?:-\w,)?(--[\w-]+)", output(tool, *command, "--help"), re.MULTILINE):
                assert option in shown.replace("‐", "-").replace("−", "-"), (command, option)
    else:
        skipped.append("groff")
    if shutil.which("mandoc"):
        # It has no date, so that it is the same to the byte whenever it is written.
        warnings = run(["mandoc", "-T", "lint", "-W", "warning", page]).stdout.splitlines()
        assert [line for line in warnings if "missing date" not in line] == [], warnings
    else:
        skipped.append("mandoc")


def main():
    with tempfile.TemporaryDirectory() as scratch:
        folder = pathlib.Path(scratch)
        check_bash(folder)
        for shell, check in (("zsh", check_zsh), ("fish", check_fish)):
            check(folder) if shutil.which(shell) else skipped.append(shell)
        for tool in ("msprecheck", "msadvisor"):
            check_manual(tool, folder)
    print(f"not installed, not checked: {', '.join(sorted(set(skipped))) or 'none'}")
    print("5 passed, 0 failed")
    return 0


if __name__ == "__main__":
    sys.exit(main())
