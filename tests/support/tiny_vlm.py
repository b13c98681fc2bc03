"""A vision-language model with random weights, small enough to be made and loaded in a moment.

A LLaVA: a CLIP that cuts a picture into 16 patches, and a Llama of two layers. What it says means
nothing, but every word of it depends on every word and patch of the prompt.
"""

from __future__ import annotations

from pathlib import Path

import pytest

LEFT_OUT = "the hf adapter's tests were left out: make test EXTRAS=hf, or pip install 'vsbench[hf]'"
torch = pytest.importorskip("torch", reason=LEFT_OUT)
transformers = pytest.importorskip("transformers", reason=LEFT_OUT)
tokenizers = pytest.importorskip("tokenizers", reason=LEFT_OUT)

SIDE, PATCH = 64, 16
PICTURE_TOKENS = (SIDE // PATCH) ** 2
CONTEXT = 16_384

TEMPLATE = """\
{{ bos_token }}{% for message in messages %}[{{ message.role }}]
{% for part in message.content %}\
{% if part.type == 'image' %}<image>{% else %}{{ part.text }}{% endif %}\
{% endfor %}<end>
{% endfor %}{% if add_generation_prompt %}[assistant]
{% if enable_thinking is defined and not enable_thinking %}<think></think>{% endif %}{% endif %}"""


def write_vlm(folder: Path, *, template: str | None = TEMPLATE, context: int = CONTEXT) -> Path:
    """Write such a model and its processor to a folder, as ``save_pretrained`` does."""
    tokenizer = byte_tokenizer()
    processor = transformers.LlavaProcessor(
        image_processor=transformers.CLIPImageProcessorPil(
            size={"shortest_edge": SIDE}, crop_size={"height": SIDE, "width": SIDE}
        ),
        tokenizer=tokenizer,
        patch_size=PATCH,
        vision_feature_select_strategy="default",
        num_additional_image_tokens=1,
        chat_template=template,
    )
    processor.save_pretrained(folder)
    config = transformers.LlavaConfig(
        vision_config=transformers.CLIPVisionConfig(
            hidden_size=32,
            intermediate_size=64,
            num_hidden_layers=2,
            num_attention_heads=2,
            image_size=SIDE,
            patch_size=PATCH,
            projection_dim=32,
        ),
        text_config=text_config(tokenizer, context),
        image_token_id=tokenizer.convert_tokens_to_ids("<image>"),
        image_seq_length=PICTURE_TOKENS,
    )
    save(transformers.LlavaForConditionalGeneration, config, folder, tokenizer)
    return folder


def write_text_model(folder: Path) -> Path:
    """Write a language model without eyes."""
    tokenizer = byte_tokenizer()
    tokenizer.chat_template = TEMPLATE
    tokenizer.save_pretrained(folder)
    save(transformers.LlamaForCausalLM, text_config(tokenizer, CONTEXT), folder, tokenizer)
    return folder


def byte_tokenizer() -> transformers.PreTrainedTokenizerFast:
    """A token for every byte, and a few that mean something."""
    alphabet = sorted(tokenizers.pre_tokenizers.ByteLevel.alphabet())
    vocabulary = {sign: at for at, sign in enumerate(alphabet)}
    tokenizer = tokenizers.Tokenizer(tokenizers.models.BPE(vocabulary, merges=[]))
    tokenizer.pre_tokenizer = tokenizers.pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.decoder = tokenizers.decoders.ByteLevel()
    made = transformers.PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        pad_token="<pad>",
        bos_token="<bos>",
        eos_token="<end>",
        extra_special_tokens={"image_token": "<image>"},
    )
    made.add_tokens(["<think>", "</think>"])
    return made


def text_config(
    tokenizer: transformers.PreTrainedTokenizerFast, context: int
) -> transformers.LlamaConfig:
    """The part that reads and speaks."""
    return transformers.LlamaConfig(
        vocab_size=len(tokenizer),
        hidden_size=32,
        intermediate_size=64,
        num_hidden_layers=2,
        num_attention_heads=2,
        num_key_value_heads=2,
        max_position_embeddings=context,
    )


def save(
    kind: type[transformers.PreTrainedModel],
    config: transformers.PreTrainedConfig,
    folder: Path,
    tokenizer: transformers.PreTrainedTokenizerFast,
) -> None:
    """Write a model with random weights, the same every time."""
    with torch.random.fork_rng(devices=[]):
        torch.manual_seed(0)
        model = kind(config)
    generator = torch.Generator().manual_seed(0)
    for weights in model.parameters():
        if weights.ndim > 1:
            # Larger than models begin with, so that no two prompts are answered alike.
            torch.nn.init.normal_(weights, std=0.6, generator=generator)
    model.generation_config.eos_token_id = tokenizer.eos_token_id
    model.generation_config.pad_token_id = tokenizer.pad_token_id
    model.save_pretrained(folder)
