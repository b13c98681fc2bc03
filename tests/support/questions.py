"""What models are asked, in the form that prompts give it."""

import json
from typing import Any

from vsbench.adapters import Image, Message, Request, Sampling, Text
from vsbench_envs import registry
from vsbench_envs.game import State
from vsbench_envs.pictures import pngs


def question(
    state: State[Any], env: str, seed: int = 0, sampling: Sampling | None = None
) -> Request:
    """What the acting seat with the lowest number is asked, shown but not told."""
    spec = registry.get(env).spec
    seat = state.acting[0]
    pictures = tuple(Image(png) for png in pngs(env, state.percept(seat)))
    legal = json.dumps(spec.labels(state.legal_actions(seat)))
    system = Message("system", (Text(f"You are playing {spec.title}, seat {seat}."),))
    closing = Text(f"Your legal actions:\n{legal}\n\nWhich of them do you take?")
    user = Message("user", (Text("This is the game."), *pictures, closing))
    return Request((system, user), 500, seed, sampling or Sampling())


def kuhn_question(seed: int = 0, sampling: Sampling | None = None) -> Request:
    """The first decision of a hand of Kuhn poker."""
    return question(registry.get("kuhn_poker").new(seed), "kuhn_poker", seed, sampling)


def text_question(text: str, seed: int = 0) -> Request:
    """A question without pictures, and without a game."""
    return Request((Message("user", (Text(text),)),), 500, seed)
