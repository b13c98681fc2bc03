"""How fast adapters are, against bare loops of the SDKs that they use.

Both send the same bodies at the same concurrency to a simulated provider in another process.
Ratios are taken within a round, one after the other, and the median over rounds counts. Ends with
exit status 1 when a bound is broken.
"""

import asyncio
import os
import statistics
import sys
from collections.abc import Awaitable, Callable
from typing import Any

import anthropic
import openai
from workload import recorded_requests, seconds

from vsbench.adapters import Request, open_adapter
from vsbench.simulation import Simulation, SimulationSettings

EPISODES, AT_ONCE, ROUNDS = 5, 16, 5
LEAST_RATIO = 0.85

Create = Callable[..., Awaitable[Any]]


async def main() -> int:
    """Measure, print, and say whether the bounds hold."""
    requests = recorded_requests(EPISODES)
    with Simulation(SimulationSettings(policy="legal"), process=True) as provider:
        os.environ |= {"ANTHROPIC_BASE_URL": provider.anthropic_url, "ANTHROPIC_API_KEY": "-"}
        sdk = openai.AsyncOpenAI(base_url=provider.base_url, api_key="-", max_retries=0)
        other = anthropic.AsyncAnthropic(
            base_url=provider.anthropic_url, api_key="-", max_retries=0
        )
        ratios = {
            "openai-api": await ratio(
                f"openai-api/{provider.base_url}#m", sdk.chat.completions.create, requests
            ),
            "anthropic": await ratio("anthropic/m", other.messages.create, requests),
        }
        await sdk.close()
        await other.close()
    for name, value in ratios.items():
        print(f"{name}: adapter / bare SDK loop, median: {value:.2f} (at least {LEAST_RATIO})")
    return int(min(ratios.values()) < LEAST_RATIO)


async def ratio(model: str, create: Create, requests: list[Request]) -> float:
    """Calls a second through the adapter, against those of the SDK alone; the median of rounds."""
    adapter: Any = open_adapter(model)
    bodies = [adapter.body(request) for request in requests]

    async def bare(body: dict[str, Any]) -> None:
        await create(**body)

    await seconds(bare, bodies[:32], AT_ONCE)
    found = []
    for _ in range(ROUNDS):
        alone = await seconds(bare, bodies, AT_ONCE)
        found.append(alone / await seconds(adapter.complete, requests, AT_ONCE))
    await adapter.close()
    return statistics.median(found)


if __name__ == "__main__":
    sys.exit(asyncio.run(main()))
