"""OpenAI's models, and every server that speaks OpenAI's protocol, by the official SDK.

The SDK's client does authentication, connections, HTTP errors and the decoding of event streams.
Bodies are written and read here: that keeps fields which only some servers have, tells a broken
body from an empty answer, and costs a fraction of the SDK's own typed conversion. A wire knows one
of the two APIs, Chat Completions or Responses; what single servers take is data.
"""
