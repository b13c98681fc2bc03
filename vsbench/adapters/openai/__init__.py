"""OpenAI's models, and every server that speaks OpenAI's protocol, by the official SDK.

- ``client``: opens and calls a model
- ``wire``: the interface of the two APIs, and what their requests share
- ``chat``, ``responses``: Chat Completions and Responses
- ``servers``: provider options, and differences between servers, as data
"""
