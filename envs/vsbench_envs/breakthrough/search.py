"""Alpha-beta search on bitboards, with a transposition table and killer moves.

A position's value to its mover is the number of rows by which the own most advanced piece is ahead
of the opponent's, each counted from its own back row, plus the difference in pieces. The first term
is the leaf value of the VS-Bench paper's oracle; the second values the pieces that block the
opponent. A win outweighs both, and an earlier win is worth more.

Two facts save most of the work. A piece one step from the far row can always reach it: no own piece
is in front of it, or the game would be over. And since pieces never move back, the best value that
a last move without capture can reach is known without playing any.
"""

from __future__ import annotations

from collections.abc import Iterator

from vsbench_envs.breakthrough.bitboard import Step, advances, captures, flip, play, reach

WIN = 1000
"""Value of a win, to which the plies left to search are added; evaluations stay far below."""

FAR_ROW = 56
NEXT_TO_FAR_ROW = 48
"""The lowest bits of the last two rows."""
THREATS = 0xFF << 8
"""The opponent's pieces here are one step from winning (mover's perspective)."""

EXACT, AT_LEAST, AT_MOST = range(3)
"""Relation of a stored value to the true one."""


def best_steps(mine: int, theirs: int, depth: int) -> list[Step]:
    """All steps that a search of ``depth`` plies (at least one) finds equally best."""
    search = _Search(depth)
    flipped_theirs = flip(theirs)
    values: dict[Step, int] = {}
    best = -2 * WIN
    for step in (*captures(mine, flipped_theirs), *advances(mine, flipped_theirs)):
        # The window reaches one below the best, so that equal steps differ from worse ones.
        reply = play(mine, theirs, flipped_theirs, step)
        values[step] = -search.value(*reply, depth - 1, -2 * WIN, 1 - best)
        best = max(best, values[step])
    return [step for step, value in values.items() if value == best]


def value(mine: int, theirs: int, depth: int) -> int:
    """A position's exact value to its mover, by a search of ``depth`` plies.

    Values near ``WIN`` or ``-WIN`` are won or lost against any play.
    """
    return _Search(depth + 1).value(mine, theirs, depth, -2 * WIN, 2 * WIN)


def evaluate(mine: int, theirs: int) -> int:
    """A position's value to the owner of ``mine``, without search."""
    return _row(mine) - _row(theirs) + mine.bit_count() - theirs.bit_count()


def last_ply(mine: int, theirs: int) -> int:
    """The best value after one move, for a mover with no piece next to the far row."""
    flipped_theirs = flip(theirs)
    left, right = reach(mine)
    capturable = (left | right) & flipped_theirs
    pieces = mine.bit_count() - theirs.bit_count()
    if threats := flipped_theirs & THREATS:
        best = -WIN
        capturable = capturable & threats if _is_single(threats) else 0
    else:
        best = pieces + _row(mine | (left | right | mine << 8) & ~flipped_theirs) - _row(theirs)
    while capturable:
        target = capturable & -capturable
        capturable ^= target
        remaining = flip(flipped_theirs ^ target)
        if not remaining:
            return WIN + 1
        best = max(best, pieces + 1 + _row(mine | target) - _row(remaining))
    return best


class _Search:
    """A search with its transposition table and killer moves."""

    def __init__(self, depth: int) -> None:
        self._table: dict[tuple[int, int, int], tuple[int, int]] = {}
        """(mine, theirs, plies) -> a value and its relation to the true one."""
        self._killers: list[Step] = [(0, 0)] * depth
        """By plies left: the latest advance that caused a beta cutoff."""

    def value(self, mine: int, theirs: int, plies: int, alpha: int, beta: int) -> int:
        """The position's value to its mover: exact within the window, a bound outside it."""
        if theirs >> FAR_ROW or not mine:
            return -WIN - plies - 1
        if mine >> NEXT_TO_FAR_ROW:
            return WIN + plies
        if plies == 0:
            return evaluate(mine, theirs)
        if plies == 1:
            return last_ply(mine, theirs)

        key = (mine, theirs, plies)
        if key in self._table:
            value, kind = self._table[key]
            if kind == EXACT or (value >= beta if kind == AT_LEAST else value <= alpha):
                return value

        flipped_theirs = flip(theirs)
        # The worst case, a win by the opponent's next move, is certain if no step stops a threat.
        best = -WIN - plies + 1
        for step in self._steps(mine, flipped_theirs, plies):
            reply = play(mine, theirs, flipped_theirs, step)
            value = -self.value(*reply, plies - 1, -beta, -max(alpha, best))
            if value > best:
                best = value
            if best >= beta:
                if not step[1] & flipped_theirs:
                    self._killers[plies] = step
                break
        kind = AT_LEAST if best >= beta else AT_MOST if best <= alpha else EXACT
        self._table[key] = best, kind
        return best

    def _steps(self, mine: int, flipped_theirs: int, plies: int) -> Iterator[Step]:
        """The steps to try, the most promising first; none if a threat cannot be stopped."""
        if threats := flipped_theirs & THREATS:
            if _is_single(threats):
                yield from captures(mine, threats)
            return
        yield from captures(mine, flipped_theirs)
        origin, target = self._killers[plies]
        if origin & mine and not target & (mine | flipped_theirs):
            yield origin, target
        yield from advances(mine, flipped_theirs)


def _row(board: int) -> int:
    """The row of the most advanced piece, counted from its own back row."""
    return (board.bit_length() - 1) // 8


def _is_single(board: int) -> bool:
    return board & (board - 1) == 0
