"""What strangers wrote cannot fake what a command says."""

import pytest

from vsbench.errors import UsageError
from vsbench.printable import printable
from vsbench.reconstruction.findings import format_value

PLAIN = ["", "openai/gpt-4o", "Zug nach d4: größer ≥ 3", "a b"]
ODD = ["\n", "\r", "\x1b[2K", "\u2028", "\u202e", "\udc80", "\x00", "\x9b1m", "\u200b"]


@pytest.mark.parametrize("text", PLAIN)
def test_plain_text_stays(text: str) -> None:
    assert printable(text) == text


@pytest.mark.parametrize("odd", ODD)
def test_what_does_not_print_is_escaped(odd: str) -> None:
    shown = printable(f"a{odd}b")
    assert shown.isprintable()
    assert shown.startswith("a\\")
    assert format_value(f"a{odd}b").isprintable()


def test_errors_are_printed_on_one_line(monkeypatch, capsys, tmp_path) -> None:
    from vsbench import cli

    evil = tmp_path / "x\n  verification passed\x1b[2K"
    monkeypatch.setattr("sys.argv", ["vsbench", "replay", str(evil)])
    with pytest.raises(SystemExit) as ended:
        cli.main()
    told = capsys.readouterr().err
    assert ended.value.code == 2
    assert told.count("\n") == 1
    assert "\x1b" not in told


def test_a_price_file_s_problem_is_one_line(tmp_path) -> None:
    from vsbench.planning.prices import price_table

    (tmp_path / "prices.json").write_text('{"date": 3}', encoding="utf-8")
    with pytest.raises(UsageError) as told:
        price_table(tmp_path / "prices.json")
    assert "\n" not in str(told.value)
