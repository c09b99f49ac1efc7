#!/usr/bin/env python3
"""Times msadvisor as a whole process on a model directory like that of DeepSeek-V3: 61 layers, 160 shards,
90 000 tensors, with an index and, as the slow path, without one.

    tests/bench/model_directory.py [BUILD_DIR] [RUNS]
"""
import json
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

SHARDS = 160
LAYERS = 61
EXPERTS = 256

CONFIG = {
    "architectures": ["DeepseekV3ForCausalLM"], "model_type": "deepseek_v3", "num_hidden_layers": LAYERS,
    "hidden_size": 7168, "num_attention_heads": 128, "num_key_value_heads": 128, "intermediate_size": 18432,
    "moe_intermediate_size": 2048, "n_routed_experts": EXPERTS, "n_shared_experts": 1, "num_experts_per_tok": 8,
    "first_k_dense_replace": 3, "kv_lora_rank": 512, "q_lora_rank": 1536, "qk_nope_head_dim": 128,
    "qk_rope_head_dim": 64, "v_head_dim": 128, "vocab_size": 129280, "max_position_embeddings": 163840,
    "torch_dtype": "bfloat16", "quantization_config": {"quant_method": "fp8", "weight_block_size": [128, 128]},
}


def tensors():
    """The names of all tensors: experts have a weight and its scales."""
    for layer in range(LAYERS):
        for part in ("q_a_proj", "q_b_proj", "kv_a_proj_with_mqa", "kv_b_proj", "o_proj"):
            yield f"model.layers.{layer}.self_attn.{part}.weight"
        for expert in range(EXPERTS if layer >= 3 else 1):
            for part in ("gate_proj", "up_proj", "down_proj"):
                yield f"model.layers.{layer}.mlp.experts.{expert}.{part}.weight"
                yield f"model.layers.{layer}.mlp.experts.{expert}.{part}.weight_scale_inv"


def write_model(folder):
    """Shards whose tensors are holes, so that the directory takes a few MB on disk; the number of tensors."""
    names = list(tensors())
    (folder / "config.json").write_text(json.dumps(CONFIG))
    shards = [names[i::SHARDS] for i in range(SHARDS)]
    size = 7_000_000
    weight_map = {}
    for number, shard in enumerate(shards, 1):
        file = f"model-{number:05}-of-{SHARDS:06}.safetensors"
        header = {}
        for i, name in enumerate(shard):
            header[name] = {"dtype": "F8_E4M3", "shape": [size], "data_offsets": [i * size, (i + 1) * size]}
            weight_map[name] = file
        text = json.dumps(header, separators=(",", ":")).encode()
        with open(folder / file, "wb") as out:
            out.write(struct.pack("<Q", len(text)) + text)
            out.truncate(8 + len(text) + size * len(shard))
    index = {"metadata": {"total_size": size * len(names)}, "weight_map": weight_map}
    (folder / "model.safetensors.index.json").write_text(json.dumps(index))
    return len(names)


def time_runs(command, runs):
    """Seconds of each run of a process, from its start to its end."""
    seconds = []
    for _ in range(runs):
        start = time.perf_counter()
        subprocess.run(command, check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
        seconds.append(time.perf_counter() - start)
    return seconds


def main():
    build = Path(sys.argv[1] if len(sys.argv) > 1 else "build/release")
    runs = int(sys.argv[2]) if len(sys.argv) > 2 else 30
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "DeepSeek-V3"
        folder.mkdir()
        count = write_model(folder)
        command = [str(build / "msadvisor"), "-in", "256", "-out", "256", "--model-dir", str(folder),
                   "--chip", "910B3", "--cards", "16", "--tp", "16"]
        for what in ("with its index", "without an index: headers of all shards"):
            seconds = time_runs(command, runs)
            print(f"{SHARDS} shards, {count} tensors, {what}: least {min(seconds) * 1e3:.1f} ms, "
                  f"median {statistics.median(seconds) * 1e3:.1f} ms of {runs}")
            (folder / "model.safetensors.index.json").unlink(missing_ok=True)
        seconds = time_runs([str(build / "msadvisor"), "--version"], runs)
        print(f"msadvisor --version: least {min(seconds) * 1e3:.1f} ms, "
              f"median {statistics.median(seconds) * 1e3:.1f} ms of {runs}")


if __name__ == "__main__":
    main()
