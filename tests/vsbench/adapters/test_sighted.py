"""Models that see and models that only read, asked as prompts ask."""

import io
import json
import re
from collections.abc import Iterator
from dataclasses import replace
from math import ceil
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
from vsbench_envs.errors import UnknownNameError
from vsbench_envs.game import Bot, Turn
from vsbench_envs.kuhn_poker import GAME as KUHN
from vsbench_envs.kuhn_poker.rules import KuhnPercept
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
            player, options = registry.bot(game, "greedy")
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
    request = kuhn_question()
    reply = await open_adapter("sighted/oracle").complete(request)
    (picture,) = request.images
    width, height = Pictures.open(io.BytesIO(picture.png)).size
    # 85 for a picture and 170 for each of its tiles, and the text.
    seen = 85 + 170 * ceil(width / 512) * ceil(height / 512)
    assert seen < reply.usage.input < seen + 100
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
    with pytest.raises(BadRequestError, match="not a picture of Kuhn poker"):
        await open_adapter("sighted/oracle").complete(with_picture(kuhn_question(), png))


class SpelledView(type(KUHN.view)):
    """Kuhn poker in text that can be read back."""

    def describe(self, percept: KuhnPercept) -> str:
        return f"<{percept.seat} {percept.card} {'-'.join(percept.history)}>"

    def _read_text(self, text: str) -> KuhnPercept:
        told = re.search(r"<(\d) (\w) ([\w-]*)>", text)
        if told is None:
            raise ValueError("nothing is told")
        seat, card, history = told.groups()
        return KuhnPercept(int(seat), card, tuple(filter(None, history.split("-"))))


@pytest.fixture
def spelled(games: dict) -> dict:
    """A Kuhn poker that tells its state."""
    games["kuhn_poker"] = replace(KUHN, view=SpelledView())
    return games


def without_pictures(request: Request, told: str = "") -> Request:
    """The question in text alone; ``told`` stands where the pictures stood."""
    system, user = request.messages
    parts = tuple(Text(told) if isinstance(part, Image) else part for part in user.parts)
    return replace(request, messages=(system, Message("user", parts)))


def asking(request: Request, field: str) -> Request:
    """The same question with a prediction's or perception's form of answer."""
    system, user = request.messages
    form = Text(f'{system.text} Answer: {{"{field}": ...}}')
    return replace(request, messages=(Message("system", (form,)), user))


@pytest.mark.parametrize("model", ["sighted/greedy", "blind/greedy"])
async def test_without_pictures_it_reads_the_text(spelled: dict, model: str) -> None:
    for seed in range(6):
        percept = KUHN.new(seed).percept(0)
        told = without_pictures(kuhn_question(seed), f"Now: {SpelledView().describe(percept)} So?")
        seen = await open_adapter("sighted/greedy").complete(kuhn_question(seed))
        reply = await open_adapter(model).complete(told)
        assert (reply.text, reply.hints) == (seen.text, ())
        again = Message("user", (Text('Choose one of:\n["pass", "bet"]'),))
        asked_again = replace(told, messages=(*told.messages, again))
        assert (await open_adapter(model).complete(asked_again)).text == seen.text
        elements = await open_adapter(model).complete(asking(told, "elements"))
        assert json.loads(elements.text) == {"elements": KUHN.view.labels(percept)}


async def test_pictures_come_before_text(spelled: dict) -> None:
    """Whoever sees looks; whoever is blind reads."""
    kings = next(seed for seed in range(6) if KUHN.new(seed).percept(0).card == "K")
    system, user = kuhn_question(kings).messages
    lie = Message("user", (Text(SpelledView().describe(KuhnPercept(0, "J", ()))), *user.parts))
    request = replace(kuhn_question(kings), messages=(system, lie))
    assert (await open_adapter("sighted/greedy").complete(request)).text == '{"action": "bet"}'
    assert (await open_adapter("blind/greedy").complete(request)).text == '{"action": "pass"}'


@pytest.mark.parametrize("env", registry.names())
@pytest.mark.parametrize("field", ["action", "prediction"])
async def test_a_blind_model_takes_a_listed_action_at_random(env: str, field: str) -> None:
    state, model = registry.get(env).new(1), open_adapter("blind/oracle")
    listed = set(listed_actions(question(state, env)))
    found = set()
    for seed in range(60):
        reply = await model.complete(asking(question(state, env, seed), field))
        found.add(json.loads(reply.text)[field])
        assert (reply.served_model, reply.hints) == ("blind/oracle", ())
    assert found <= listed
    assert len(found) > min(len(listed), 5) / 2


async def test_a_blind_model_s_play_does_not_depend_on_pictures() -> None:
    model = open_adapter("blind/oracle")
    for seed in range(12):
        request = kuhn_question(seed)
        reply = await model.complete(request)
        assert (await model.complete(with_picture(request, b""))).text == reply.text
        assert (await model.complete(without_pictures(request))).text == reply.text


async def test_where_nothing_is_told_elements_are_unknown() -> None:
    elements = Message("user", (Text('Name each:\n["card of seat 0", "chips of seat 0"]'),))
    request = asking(kuhn_question(), "elements")
    request = replace(request, messages=(request.messages[0], elements))
    expected = {"elements": {"card of seat 0": "unknown", "chips of seat 0": "unknown"}}
    for model in ("blind/oracle", "sighted/oracle"):
        assert json.loads((await open_adapter(model).complete(request)).text) == expected


async def test_a_sighted_model_that_sees_nothing_says_so() -> None:
    told_nothing = without_pictures(kuhn_question(), "Cards are dealt.")
    reply = await open_adapter("sighted/oracle").complete(told_nothing)
    assert json.loads(reply.text)["action"] in ("pass", "bet")
    assert reply.hints == (sighted.NO_STATE,)


async def test_it_needs_a_game_that_it_knows() -> None:
    with pytest.raises(BadRequestError, match="names no known game"):
        await open_adapter("sighted/oracle").complete(text_question('["pass"]'))


async def test_it_needs_actions_of_the_game() -> None:
    request = kuhn_question()
    more = Message("user", (Text('["raise"]'),))
    with pytest.raises(BadRequestError, match="no action 'raise'"):
        await open_adapter("sighted/oracle").complete(
            replace(request, messages=(*request.messages, more))
        )


@pytest.mark.parametrize("provider", ["sighted", "blind"])
def test_a_policy_that_no_game_has(provider: str) -> None:
    with pytest.raises(UnknownNameError, match=f"{provider} policy .* Did you mean 'oracle'"):
        open_adapter(f"{provider}/oracel")


@pytest.mark.parametrize("policy", ["equilibrium:alpha=7", "equilibrium:beta=1"])
async def test_options_that_make_no_sense(policy: str) -> None:
    with pytest.raises(BadRequestError, match=f"sighted/{policy}"):
        await open_adapter(f"sighted/{policy}").complete(kuhn_question())


async def test_a_policy_of_another_game(games: dict) -> None:
    game_id, other = variant(id="other", title="Other")
    games["kuhn_poker"] = KUHN
    games[game_id] = replace(other, bots={"elsewhere": KUHN.bots["random"]})
    with pytest.raises(BadRequestError, match="elsewhere"):
        await sighted.Sighted("elsewhere").complete(kuhn_question())


async def test_a_player_that_needs_the_state_cannot_play_from_pictures(games: dict) -> None:
    peeking = Bot(KUHN.bots["oracle"].decide, "Peeks.", needs_state=True)
    game_id, other = variant(id="other", title="Other")
    games["kuhn_poker"] = replace(KUHN, bots={"clever": peeking})
    with pytest.raises(UnknownNameError, match="clever"):
        sighted.Sighted("clever")
    sighted._games_by_title.cache_clear()
    sighted.policies.cache_clear()
    games[game_id] = replace(other, bots={"clever": KUHN.bots["random"]})
    with pytest.raises(BadRequestError, match="needs the state"):
        await sighted.Sighted("clever").complete(kuhn_question())
