"""Write a GGUF whose model recites one known text, whatever it is asked.

Attention and MLP outputs are zero, so the state after a token is its embedding alone;
the output matrix maps the embedding of each piece of the text to the piece after it.
Tokenizer, sampler, chat template and server are the engine's own, the text is known.

    python make_reciting_model.py model.gguf --say answer.md [--think thoughts.md]
"""

import argparse
import hashlib
from dataclasses import dataclass
from pathlib import Path

import gguf
import numpy as np

PIECE_CHARS = 4
END = "<|im_end|>"
ASSISTANT = "<|im_start|>assistant\n"
"""One token, so that no piece of the text can be the last token of a prompt."""

TEMPLATE = (
    "{%- for message in messages %}"
    "{{- '<|im_start|>' + message.role + '\\n' + message.content + '<|im_end|>\\n' }}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}{{- '<|im_start|>assistant\\n' }}{%- endif %}"
)
THINKING_TEMPLATE = (
    "{%- for message in messages %}"
    "{%- set content = message.content if message.content is string else '' %}"
    "{%- if message.role == 'assistant' and message.reasoning_content is string %}"
    "{{- '<|im_start|>assistant\\n<think>\\n'"
    " + message.reasoning_content.strip('\\n') + '\\n</think>\\n\\n'"
    " + content.lstrip('\\n') + '<|im_end|>\\n' }}"
    "{%- else %}"
    "{{- '<|im_start|>' + message.role + '\\n' + content + '<|im_end|>\\n' }}"
    "{%- endif %}"
    "{%- endfor %}"
    "{%- if add_generation_prompt %}"
    "{{- '<|im_start|>assistant\\n' }}"
    "{%- if enable_thinking is defined and enable_thinking is false %}"
    "{{- '<think>\\n\\n</think>\\n\\n' }}"
    "{%- endif %}"
    "{%- endif %}"
)


@dataclass(frozen=True, kw_only=True)
class Shape:
    """Size of the model: it sets the pace and nothing else."""

    dim: int = 64
    layers: int = 2
    ff: int = 128
    heads: int = 4
    kv_heads: int = 2
    context: int = 2048


def cut(text: str) -> list[str]:
    """Cut a text into pieces that all differ, because a token has one successor."""
    pieces: list[str] = []
    piece = ""
    for char in text:
        piece += char
        if len(piece) >= PIECE_CHARS and piece not in pieces:
            pieces.append(piece)
            piece = ""
    while piece in pieces:  # the rest of the text is an earlier piece once more
        piece = pieces.pop() + piece
    return [*pieces, piece] if piece else pieces


def recited(answer: str, thoughts: str | None = None) -> str:
    """Return the whole text a model recites, with thinking as Qwen3 marks it."""
    if thoughts is None:
        return answer
    return f"<think>\n{thoughts}\n</think>\n\n{answer}"


def write_model(
    path: Path, *, answer: str, thoughts: str | None = None, shape: Shape | None = None
) -> None:
    """Write the model; the same arguments give the same bytes."""
    shape = shape or Shape()
    pieces = cut(recited(answer, thoughts))
    special = ["<unk>", "<s>", END, "<|im_start|>", ASSISTANT]
    first = len(special) + 256
    writer = gguf.GGUFWriter(path, "llama")
    _add_header(writer, shape, vocabulary=first + len(pieces))
    _add_tokenizer(writer, special, pieces)
    writer.add_chat_template(TEMPLATE if thoughts is None else THINKING_TEMPLATE)
    _add_recital(writer, shape, first=first, n=len(pieces), end=special.index(END))
    _add_layers(writer, shape)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _add_header(writer: gguf.GGUFWriter, shape: Shape, *, vocabulary: int) -> None:
    writer.add_name("reciting")
    writer.add_context_length(shape.context)
    writer.add_embedding_length(shape.dim)
    writer.add_block_count(shape.layers)
    writer.add_feed_forward_length(shape.ff)
    writer.add_head_count(shape.heads)
    writer.add_head_count_kv(shape.kv_heads)
    writer.add_rope_dimension_count(shape.dim // shape.heads)
    writer.add_layer_norm_rms_eps(1e-5)
    writer.add_vocab_size(vocabulary)
    writer.add_file_type(gguf.LlamaFileType.ALL_F32)


def _add_tokenizer(
    writer: gguf.GGUFWriter, special: list[str], pieces: list[str]
) -> None:
    kinds = gguf.TokenType
    writer.add_tokenizer_model("llama")
    writer.add_token_list([*special, *(f"<0x{n:02X}>" for n in range(256)), *pieces])
    writer.add_token_scores([0.0] * (len(special) + 256 + len(pieces)))
    writer.add_token_types(
        [kinds.UNKNOWN]
        + [kinds.CONTROL] * (len(special) - 1)
        + [kinds.BYTE] * 256
        + [kinds.USER_DEFINED] * len(pieces)
    )
    writer.add_unk_token_id(special.index("<unk>"))
    writer.add_bos_token_id(special.index("<s>"))
    writer.add_eos_token_id(special.index(END))
    writer.add_add_bos_token(value=False)
    writer.add_add_space_prefix(value=False)


def _add_recital(
    writer: gguf.GGUFWriter, shape: Shape, *, first: int, n: int, end: int
) -> None:
    """Every token of a prompt leads to the first piece, the last piece to the end."""
    prompt = _signs("prompt", shape.dim)
    states = [_signs(f"piece {index}", shape.dim) for index in range(n)]
    embeddings = np.stack([prompt] * first + states)
    output = np.zeros_like(embeddings)
    for state, successor in zip(
        [prompt, *states], [*range(first, first + n), end], strict=True
    ):
        output[successor] = state
    writer.add_tensor("token_embd.weight", embeddings)
    writer.add_tensor("output.weight", output)
    writer.add_tensor("output_norm.weight", np.ones(shape.dim, np.float32))


def _add_layers(writer: gguf.GGUFWriter, shape: Shape) -> None:
    dim, ff = shape.dim, shape.ff
    kv = dim // shape.heads * shape.kv_heads
    matrices = {
        "attn_q": (dim, dim),
        "attn_k": (kv, dim),
        "attn_v": (kv, dim),
        "attn_output": (dim, dim),
        "ffn_gate": (ff, dim),
        "ffn_up": (ff, dim),
        "ffn_down": (dim, ff),
    }
    for layer in range(shape.layers):
        for name in ("attn_norm", "ffn_norm"):
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.ones(dim, np.float32))
        for name, size in matrices.items():
            writer.add_tensor(f"blk.{layer}.{name}.weight", np.zeros(size, np.float32))


def _signs(label: str, dim: int) -> np.ndarray:
    """Return a vector of ±1, nearly at right angles to that of any other label."""
    digest = hashlib.shake_256(label.encode()).digest(dim // 8)
    bits = np.unpackbits(np.frombuffer(digest, np.uint8))
    return (2.0 * bits - 1.0).astype(np.float32)


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("path", type=Path)
    parser.add_argument("--say", type=Path, required=True)
    parser.add_argument("--think", type=Path)
    for name, value in vars(Shape()).items():
        parser.add_argument(f"--{name.replace('_', '-')}", type=int, default=value)
    options = vars(parser.parse_args())
    think = options.pop("think")
    write_model(
        options.pop("path"),
        answer=options.pop("say").read_text(encoding="utf-8"),
        thoughts=None if think is None else think.read_text(encoding="utf-8"),
        shape=Shape(**options),
    )


if __name__ == "__main__":
    main()
