"""What the grid games share: a board of 5 x 5 cells on which everybody moves at once.

Coin Dilemma, Monster Hunt and Battle of the Colors differ in what lies on the board and in what
happens when players come upon it. The rest is here: the board and its moves (:mod:`.board`), the
episode of 50 steps (:mod:`.rules`), what a player sees (:mod:`.percept`), and how it looks and
reads (:mod:`.view`). Nothing is hidden: seats see the same board, and know which player they are.
"""
