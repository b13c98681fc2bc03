"""The option that says who sits where."""

from __future__ import annotations

from collections.abc import Callable

import click

from vsbench.cli import F, option


def seat_option(help_text: str) -> Callable[[F], F]:
    """``--seat I=PLAYER``, repeatable; a command gets ``seats``, from seat to player."""
    return option(
        "--seat", "seats", multiple=True, callback=_seats, metavar="I=PLAYER", help=help_text
    )


def _seats(ctx: click.Context, param: click.Parameter, given: tuple[str, ...]) -> dict[int, str]:
    seated: dict[int, str] = {}
    for text in given:
        seat, equals, player = text.partition("=")
        if not equals or not (seat.isascii() and seat.isdigit()) or not player:
            raise click.BadParameter(f"{text!r} is not of the form SEAT=PLAYER, as in 1=random")
        if int(seat) in seated:
            raise click.BadParameter(f"seat {seat} is given twice; each seat has one player")
        seated[int(seat)] = player
    return seated
