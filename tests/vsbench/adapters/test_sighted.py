"""Models that see, asked as prompts ask."""

import io
import json
from collections.abc import Iterator
from dataclasses import replace
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image as Pictures

from questions import kuhn_question, question, text_question
from vsbench.adapters import Image, Message, Request, Text, open_adapter, sighted
from vsbench.adapters.base import BadRequestError
from vsbench.adapters.sighted import game_named, listed_actions
from vsbench_envs import registry
from vsbench_envs.game import Player, Turn
from vsbench_envs.kuhn_poker import GAME as KUHN
from vsbench_envs.registry import UnknownNameError
from vsbench_envs.seeding import stream


@pytest.fixture
def games(monkeypatch: pytest.MonkeyPatch) -> Iterator[dict]:
    """Games to register, by id, in place of the usual ones."""
    table: dict = {}

    def forget() -> None:
        for cached in (sighted._games_by_title, sighted.policies, sighted.read_pictures):
            cached.cache_clear()

    monkeypatch.setattr(registry, "names", lambda: list(table))
    monkeypatch.setattr(registry, "get", table.__getitem__)
    forget()
    yield table
    forget()


def variant(**changes) -> tuple:
    return changes["id"], replace(KUHN, spec=replace(KUHN.spec, **changes))


@pytest.mark.parametrize("env", registry.names())
async def test_it_plays_what_its_player_would_play_on_the_percept(env: str) -> None:
    game = registry.get(env)
    model = open_adapter("sighted/greedy")
    rng = Random(7)
    for seed in range(3):
        state = game.new(seed)
        for _ in range(12):
            if not state.acting:
                break
            seat = state.acting[0]
            legal = state.legal_actions(seat)
            turn = Turn((state.percept(seat),), legal, stream(seed, "sighted"))
            player, options = registry.player(game, "greedy")
            reply = await model.complete(question(state, env, seed))
            expected = game.spec.actions[player.decide(turn, **options)]
            assert json.loads(reply.text) == {"action": expected}
            state.apply({s: rng.choice(state.legal_actions(s)) for s in state.acting})


async def test_the_oracle_is_the_one_that_the_game_names(games: dict) -> None:
    games.update([variant(id="kuhn_poker", oracle="greedy")])
    kings = [seed for seed in range(6) if KUHN.new(seed).percept(0).card == "K"]
    reply = await sighted.Sighted("oracle").complete(kuhn_question(kings[0]))
    # The equilibrium with alpha = 0 never bets first; the honest player bets its kings.
    assert reply.text == '{"action": "bet"}'


async def test_options_of_players_are_understood() -> None:
    kings = next(seed for seed in range(6) if KUHN.new(seed).percept(0).card == "K")
    model = open_adapter("sighted/equilibrium:alpha=1/3")
    assert (await model.complete(kuhn_question(kings))).text == '{"action": "bet"}'


async def test_luck_is_the_request_s() -> None:
    model = open_adapter("sighted/random")
    request = kuhn_question(0)
    replies = [(await model.complete(replace(request, seed=seed))).text for seed in range(20)]
    again = [(await model.complete(replace(request, seed=seed))).text for seed in range(20)]
    assert replies == again
    assert len(set(replies)) == 2


async def test_a_repeated_question_is_answered_from_the_first_pictures() -> None:
    model = open_adapter("sighted/greedy")
    turns = (
        Message("assistant", (Text('I bet ["all"].'),)),
        Message("user", (Text('Choose one of:\n["pass", "bet"]\nas {"action": "<one>"}.'),)),
    )
    answers = []
    for seed in range(6):
        first = kuhn_question(seed)
        again = replace(first, messages=(*first.messages, *turns))
        answers.append((await model.complete(again)).text)
        assert answers[-1] == (await model.complete(first)).text
    assert len(set(answers)) == 2


async def test_usage_is_estimated() -> None:
    reply = await open_adapter("sighted/oracle").complete(kuhn_question())
    # 85 for a picture and 170 for each of its two tiles, and the text.
    assert 425 < reply.usage.input < 525
    assert reply.usage.output == 5
    assert reply.served_model == "sighted/oracle"


async def test_the_longest_title_names_the_game(games: dict) -> None:
    plain, longer = "Kuhn poker", "Kuhn poker for three"
    games.update([variant(id="one", title=plain), variant(id="two", title=longer)])

    def named(text: str) -> str:
        return game_named(Request((Message("system", (Text(text),)),), 1, 0)).spec.id

    assert named("You play Kuhn poker for two.") == "one"
    assert named("You play Kuhn poker for three.") == "two"


@given(
    labels=st.lists(st.text(max_size=8), min_size=1, max_size=5),
    before=st.text(max_size=20),
    after=st.text(st.characters(exclude_characters="["), max_size=20),
)
def test_the_last_array_of_strings_lists_the_actions(
    labels: list[str], before: str, after: str
) -> None:
    text = before + '["first"]' + json.dumps(labels) + after
    assert listed_actions(text_question(text)) == tuple(labels)


@pytest.mark.parametrize("text", ["", "[", "[]", "[1, 2]", '["a", 1]', '["a"', "[" * 50_000])
def test_without_such_an_array_there_is_no_answer(text: str) -> None:
    with pytest.raises(BadRequestError, match="JSON array"):
        listed_actions(text_question(text))


def with_picture(request: Request, png: bytes) -> Request:
    system, user = request.messages
    parts = tuple(Image(png) if isinstance(part, Image) else part for part in user.parts)
    return replace(request, messages=(system, Message("user", parts)))


def empty_picture() -> bytes:
    file = io.BytesIO()
    Pictures.new("P", (640, 480)).save(file, "PNG")
    return file.getvalue()


def re_encoded(png: bytes, kind: str, factor: int = 1) -> bytes:
    """The picture, enlarged and in another format; JPEG at quality 90."""
    picture, file = Pictures.open(io.BytesIO(png)).convert("RGB"), io.BytesIO()
    size = picture.width * factor, picture.height * factor
    picture.resize(size, Pictures.Resampling.NEAREST).save(file, kind, quality=90)
    return file.getvalue()


@pytest.mark.parametrize("factor", [1, 2, 3])
@pytest.mark.parametrize("kind", ["PNG", "JPEG"])
async def test_enlarged_and_re_encoded_pictures_are_read(kind: str, factor: int) -> None:
    model = open_adapter("sighted/greedy")
    answers = set()
    for seed in range(6):
        asked = kuhn_question(seed)
        changed = with_picture(asked, re_encoded(asked.images[0].png, kind, factor))
        answers.add((await model.complete(changed)).text)
        assert (await model.complete(changed)).text == (await model.complete(asked)).text
    assert len(answers) == 2


@pytest.mark.parametrize(
    "png",
    [
        b"",
        b"\x89PNG\r\n\x1a\n",
        empty_picture(),
        kuhn_question().images[0].png[:500],
        re_encoded(kuhn_question().images[0].png, "JPEG")[:500],
        re_encoded(kuhn_question().images[0].png, "BMP"),
    ],
)
async def test_a_picture_that_cannot_be_read(png: bytes) -> None:
    with pytest.raises(BadRequestError, match="no picture of Kuhn poker"):
        await open_adapter("sighted/oracle").complete(with_picture(kuhn_question(), png))


async def test_it_needs_pictures() -> None:
    request = kuhn_question()
    told = tuple(part for part in request.messages[1].parts if isinstance(part, Text))
    told_only = replace(request, messages=(request.messages[0], Message("user", told)))
    with pytest.raises(BadRequestError, match="needs pictures"):
        await open_adapter("sighted/oracle").complete(told_only)


async def test_it_needs_a_game_that_it_knows() -> None:
    with pytest.raises(BadRequestError, match="names no game"):
        await open_adapter("sighted/oracle").complete(text_question('["pass"]'))


async def test_it_needs_actions_of_the_game() -> None:
    request = kuhn_question()
    more = Message("user", (Text('["raise"]'),))
    with pytest.raises(BadRequestError, match="no action 'raise'"):
        await open_adapter("sighted/oracle").complete(
            replace(request, messages=(*request.messages, more))
        )


def test_a_policy_that_no_game_has() -> None:
    with pytest.raises(UnknownNameError, match="Did you mean 'oracle'"):
        open_adapter("sighted/oracel")


@pytest.mark.parametrize("policy", ["equilibrium:alpha=7", "equilibrium:beta=1"])
async def test_options_that_make_no_sense(policy: str) -> None:
    with pytest.raises(BadRequestError, match=f"sighted/{policy}"):
        await open_adapter(f"sighted/{policy}").complete(kuhn_question())


async def test_a_policy_of_another_game(games: dict) -> None:
    game_id, other = variant(id="other", title="Other")
    games["kuhn_poker"] = KUHN
    games[game_id] = replace(other, players={"elsewhere": KUHN.players["random"]})
    with pytest.raises(BadRequestError, match="elsewhere"):
        await sighted.Sighted("elsewhere").complete(kuhn_question())


async def test_a_player_that_needs_the_state_cannot_play_from_pictures(games: dict) -> None:
    peeking = Player(KUHN.players["oracle"].decide, "Peeks.", needs_state=True)
    game_id, other = variant(id="other", title="Other")
    games["kuhn_poker"] = replace(KUHN, players={"clever": peeking})
    with pytest.raises(UnknownNameError, match="clever"):
        sighted.Sighted("clever")
    sighted._games_by_title.cache_clear()
    sighted.policies.cache_clear()
    games[game_id] = replace(other, players={"clever": KUHN.players["random"]})
    with pytest.raises(BadRequestError, match="needs the state"):
        await sighted.Sighted("clever").complete(kuhn_question())
