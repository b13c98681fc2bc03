"""Alpha-beta search on bitboards, with a transposition table and killer moves.

A position is worth to its mover the rows by which its most advanced piece is ahead of the
opponent's, each counted from its own end, plus the pieces that it has more. The first term is the
leaf value of the VS-Bench paper's oracle; the second values the pieces that hold the others back.
A win outweighs both, and the sooner it comes the more.

Two facts spare most of the work. A piece one step from the far row can always get there: no piece
of its own stands before it, or the game would be over. And as pieces never go back, what a quiet
last move can reach at best is known without playing any.
"""

from __future__ import annotations

from collections.abc import Iterator

from vsbench_envs.breakthrough.bitboard import Step, advances, captures, flip, play, reach

WIN = 1000
"""A win's value, to which the plies left to search are added; leads stay far below."""

FAR_ROW = 56
NEXT_TO_FAR_ROW = 48
"""The lowest bits of the last two rows."""
THREATS = 0xFF << 8
"""Where the opponent's pieces are one step from winning, as the mover sees them."""

EXACT, AT_LEAST, AT_MOST = range(3)
"""What a value in the table says about the true one."""


def best_steps(mine: int, theirs: int, depth: int) -> list[Step]:
    """All the steps that a search ``depth`` plies deep (one or more) finds equally best."""
    search = _Search(depth)
    them = flip(theirs)
    values: dict[Step, int] = {}
    best = -2 * WIN
    for step in (*captures(mine, them), *advances(mine, them)):
        # The window reaches one below the best, so that equal steps are told from worse ones.
        reply = play(mine, theirs, them, step)
        values[step] = -search.value(*reply, depth - 1, -2 * WIN, 1 - best)
        best = max(best, values[step])
    return [step for step, value in values.items() if value == best]


def value(mine: int, theirs: int, depth: int) -> int:
    """What a position is worth to its mover, by a search ``depth`` plies deep; exact.

    Values near ``WIN`` or ``-WIN`` are won or lost, whatever is played.
    """
    return _Search(depth + 1).value(mine, theirs, depth, -2 * WIN, 2 * WIN)


def lead(mine: int, theirs: int) -> int:
    """What a position is worth on sight to the owner of ``mine``."""
    return _row(mine) - _row(theirs) + mine.bit_count() - theirs.bit_count()


def last_ply(mine: int, theirs: int) -> int:
    """The best value one move away, for a mover that has no piece next to the far row."""
    them = flip(theirs)
    left, right = reach(mine)
    taken = (left | right) & them
    pieces = mine.bit_count() - theirs.bit_count()
    if threats := them & THREATS:
        best = -WIN
        taken = taken & threats if _is_single(threats) else 0
    else:
        best = pieces + _row(mine | (left | right | mine << 8) & ~them) - _row(theirs)
    while taken:
        target = taken & -taken
        taken ^= target
        left_over = flip(them ^ target)
        if not left_over:
            return WIN + 1
        best = max(best, pieces + 1 + _row(mine | target) - _row(left_over))
    return best


class _Search:
    """A search, and what it learns on its way."""

    def __init__(self, depth: int) -> None:
        self._table: dict[tuple[int, int, int], tuple[int, int]] = {}
        """(mine, theirs, plies) -> a value and what it says."""
        self._killers: list[Step] = [(0, 0)] * depth
        """By plies left: the advance that was last too good for the opponent to allow."""

    def value(self, mine: int, theirs: int, plies: int, alpha: int, beta: int) -> int:
        """The position's value to its mover: exact within the window, a bound outside it."""
        if theirs >> FAR_ROW or not mine:
            return -WIN - plies - 1
        if mine >> NEXT_TO_FAR_ROW:
            return WIN + plies
        if plies == 0:
            return lead(mine, theirs)
        if plies == 1:
            return last_ply(mine, theirs)

        key = (mine, theirs, plies)
        if key in self._table:
            value, kind = self._table[key]
            if kind == EXACT or (value >= beta if kind == AT_LEAST else value <= alpha):
                return value

        them = flip(theirs)
        # The worst case is a win by the next move: the only one if no step stops a threat.
        best = -WIN - plies + 1
        for step in self._steps(mine, them, plies):
            reply = play(mine, theirs, them, step)
            value = -self.value(*reply, plies - 1, -beta, -max(alpha, best))
            if value > best:
                best = value
            if best >= beta:
                if not step[1] & them:
                    self._killers[plies] = step
                break
        kind = AT_LEAST if best >= beta else AT_MOST if best <= alpha else EXACT
        self._table[key] = best, kind
        return best

    def _steps(self, mine: int, them: int, plies: int) -> Iterator[Step]:
        """The steps worth a try, the likely best first; perhaps none that stops a threat."""
        if threats := them & THREATS:
            if _is_single(threats):
                yield from captures(mine, threats)
            return
        yield from captures(mine, them)
        origin, target = self._killers[plies]
        if origin & mine and not target & (mine | them):
            yield origin, target
        yield from advances(mine, them)


def _row(board: int) -> int:
    """The row of the most advanced piece, counted from its own end."""
    return (board.bit_length() - 1) // 8


def _is_single(board: int) -> bool:
    return board & (board - 1) == 0
