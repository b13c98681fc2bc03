"""What streamed replies have in common: when one is asked for."""

from __future__ import annotations

from typing import Literal

Streaming = Literal["auto", "always", "never"]
"""Whether replies are streamed: long ones, all, or none."""

STREAMED_ABOVE = 21_333
"""Tokens that may take more than ten minutes at 128,000 an hour, the estimate of Anthropic's SDK.
It demands that longer replies be streamed, since connections that stay silent for long are cut."""
