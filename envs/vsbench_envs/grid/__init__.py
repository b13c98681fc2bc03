"""The common parts of the grid games: a board of 5 x 5 cells and simultaneous moves.

Coin Dilemma, Monster Hunt and Battle of the Colors differ in the things on the board and in what
happens when players reach them. They share the board and its moves (:mod:`.board`), percept and
episode of 50 steps (:mod:`.rules`), pictures and text (:mod:`.view`), and figures (:mod:`.art`).
Nothing is hidden: all seats see the same board and know which player they are.
"""
