"""Parse answers: find what a model's reply declares, and nothing else.

``docs/ANSWERS.md`` states the rules. ``parsing`` applies them:

- ``thinking``: split thinking from the text of a reply
- ``lenient_json``: parse JSON objects as leniently as models write them
- ``declarations``: the value that these objects declare together
- ``short_forms``: answers without JSON, such as ``Action: up``
- ``labels``: match a named value to one of a game's actions
- ``limits``: limits on the length of replies
"""
