"""Vision-language models on this machine, by Hugging Face's transformers.

``hf/Qwen/Qwen2.5-VL-7B-Instruct`` is a model of the hub, ``hf//models/mine`` and ``hf/./mine`` are
folders: a name that begins with ``/``, ``./``, ``../`` or ``~`` is a folder's, any other the hub's.

Any image-text-to-text model with a chat template will do. It is loaded when the adapter is opened.
Requests that come together are answered together: a batch runs in a thread of its own while the
next one gathers. A reply does not depend on its batch mates, up to what rounding does when sums
are taken in another order.
"""
