"""HTTP kit shared by adapters that call a server through an official SDK.

The SDKs do authentication, connections and HTTP errors. Requests are built and replies are parsed
here: that keeps fields which only some servers have, tells a broken body from an empty answer, and
costs a fraction of the SDKs' own typed conversion.

- ``connection``: keys, URLs, proxies, and the settings of a client
- ``endpoint``: one call: its deadline, its errors, rate limit headers
- ``bodies``: size limit, JSON objects and event streams, nothing taken on trust
- ``stop_reasons``: why answers end
- ``errors``: failures that servers report; ``known_errors``: the table of messages and codes
"""
