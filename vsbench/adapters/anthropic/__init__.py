"""Anthropic's models by the Messages API and the official SDK.

The SDK's client does authentication, connections, HTTP errors and the decoding of event streams.
Bodies are written and read here, as for OpenAI's protocol and for the same reasons.
"""
