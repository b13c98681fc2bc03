"""A simulated provider: real wire formats on loopback, answers without a model, faults on order.

Whatever talks to a provider can be tried against it with the provider's own SDK: no key, no
network, no bill. Behind it sit the sighted models of :mod:`vsbench.adapters.sighted`, so that a
benchmark run against it is a real run. It answers whatever the harness can ask: with pictures or in
text alone, in every evaluation, and questions of published data sets. Faults and delays are seeded,
and everything served is counted::

    with Simulation(SimulationSettings(policy="oracle", faults=0.1)) as server:
        client = openai.OpenAI(base_url=server.base_url, api_key="any")
        other = anthropic.Anthropic(base_url=server.anthropic_url, api_key="any")
        ...
        print(server.counts().finished_calls)
"""

from vsbench.simulation.faults import FAULTS, ODD, parse_rate
from vsbench.simulation.ledger import Counts
from vsbench.simulation.server import Simulation, serve
from vsbench.simulation.settings import SimulationSettings

__all__ = ["FAULTS", "ODD", "Counts", "Simulation", "SimulationSettings", "parse_rate", "serve"]
