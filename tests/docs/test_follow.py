"""The runner of the documentation: it must notice what is wrong with a page."""

from __future__ import annotations

from pathlib import Path

import pytest

from tests.docs.follow import Followed, follow
from tests.docs.page import read_page
from tests.docs.shell import normal

CONSOLE = """\
```assent title=rules/a.assent
package a
allow reads if action.name == "data.read"
```

```console
$ assentry check rules
ok  rules: no findings
```
"""


def followed(text: str, folder: Path) -> Followed:
    """A page with this text, followed."""
    path = folder / "page.md"
    path.write_text(text, encoding="utf-8")
    place = folder / "place"
    place.mkdir()
    return follow(read_page(path, folder), place)


def test_a_true_page_has_no_differences(tmp_path: Path) -> None:
    assert followed(CONSOLE, tmp_path).differences() == []


def test_a_wrong_output_is_a_difference_and_is_refreshed(tmp_path: Path) -> None:
    seen = followed(CONSOLE.replace("no findings", "no worries"), tmp_path)
    [difference] = seen.differences()
    assert "-ok  rules: no worries" in difference
    assert seen.refreshed == CONSOLE


@pytest.mark.parametrize(
    ("text", "problem"),
    [
        ("```console\n$ assentry chekc\n```\n", "`assentry chekc` ends with 2"),
        ("```console exit=1\n$ true\n```\n", "`true` ends with 0"),
        ("```console\n$ false\n$ true\n```\n", "`false` ends with 1"),
        ("```python\nprint(1)\n```\n\n```python\nx = 1\n```\n", "prints something: show it"),
        ("```text output\n1\n```\n", "nothing stands before this output"),
        ("```assent\npackage a\nallow x if 1\n```\n", "does not compile"),
        ("```assent fails\npackage a\n```\n", "compiles, though it should not"),
        ("```json\n{\n```\n", "Expecting"),
        ("```yaml\n{\n```\n", "expected"),
        ("```toml\n=\n```\n", "Invalid"),
        ("```klingon\nqapla\n```\n", "nothing is known of blocks in `klingon`"),
        ("<!-- run: false -->\n", "`false` ends with 1"),
    ],
)
def test_what_cannot_be_followed_is_a_problem(text: str, problem: str, tmp_path: Path) -> None:
    assert any(problem in found for found in followed(text, tmp_path).problems)


def test_an_open_block_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ValueError, match=r"page\.md:1: this block is never closed"):
        followed("```console\n$ true\n", tmp_path)


def test_code_shares_names_and_shows_what_it_prints(tmp_path: Path) -> None:
    text = "```python\nx = 20\n```\n\n```python\nprint(x + 1)\n```\n\n```text output\n?\n```\n"
    assert followed(text, tmp_path).refreshed == text.replace("?", "21")


def test_expressions_show_their_values(tmp_path: Path) -> None:
    text = "```cel\n1 + 2\n[1][5]  // ?\n1 + true  // ?\n```\n"
    lines = followed(text, tmp_path).refreshed.splitlines()
    assert lines[1:4] == [
        "1 + 2     // 3",
        "[1][5]    // error: index out of range",
        "1 + true  // refused: `+` does not take an int and a bool",
    ]


def test_commands_run_in_order_and_in_place(tmp_path: Path) -> None:
    text = "```console\n$ mkdir a\n$ cd a\n$ printf '%s\\n' \\\n    one two\n$ false\n$ echo $?\n```\n"
    refreshed = followed(text, tmp_path).refreshed
    assert refreshed.splitlines()[3:] == [
        "$ printf '%s\\n' \\",
        "    one two",
        "one",
        "two",
        "$ false",
        "$ echo $?",
        "1",
        "```",
    ]


def test_long_outputs_are_cut(tmp_path: Path) -> None:
    text = "```console lines=3\n$ seq 9\n```\n"
    assert followed(text, tmp_path).refreshed.splitlines()[1:-1] == ["$ seq 9", "1", "2", "..."]


def test_files_are_written_and_appended_to(tmp_path: Path) -> None:
    text = (
        "```text title=f/a.txt\none\n```\n\n```text title=f/a.txt append\ntwo\n```\n\n```console\n$ cat f/a.txt\n```\n"
    )
    assert followed(text, tmp_path).refreshed.endswith("$ cat f/a.txt\none\ntwo\n```\n")


def test_what_varies_is_not_compared() -> None:
    digest = "sha256:" + "0f" * 32
    assert normal(f'{digest}, 12,345 bytes, time="0.001234", "seconds": 1e-05  ') == (
        'sha256:..., ... bytes, time="...", "seconds": ...\n'
    )
