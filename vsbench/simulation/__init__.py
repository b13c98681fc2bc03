"""A simulated provider: real wire formats on loopback, answers without a model, injected faults.

Test clients against it with the providers' own SDKs: no key, no network, no bill. The models are
those of :mod:`vsbench.adapters.sighted`, so a benchmark run against it is a real run. It answers
every question of the harness, with pictures or text alone, in every evaluation, and the questions
of published data sets. Faults and delays are seeded, and every call is counted::

    with Simulation(SimulationSettings(policy="oracle", faults=0.1)) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="any")
        other = anthropic.Anthropic(base_url=server.anthropic_url, api_key="any")
        ...
        print(server.counts().finished_calls)
"""

from vsbench.simulation.faults import FAULTS, ODD, parse_rate
from vsbench.simulation.provider import Counts
from vsbench.simulation.server import Simulation, serve
from vsbench.simulation.settings import SimulationSettings

__all__ = ["FAULTS", "ODD", "Counts", "Simulation", "SimulationSettings", "parse_rate", "serve"]
