#include <doctest/doctest.h>

#include "base/error.hpp"
#include "plan/vllm_arguments.hpp"

namespace ms {
namespace {

TEST_CASE("a command line of vLLM is read with its environment, short names, and sizes with letters") {
  const VllmArguments arguments = read_vllm_arguments(
      "HCCL_BUFFSIZE=1024 vllm serve Qwen/Qwen3-32B -tp 4 --max_num_seqs=16 --max-model-len 32K "
      "--gpu-memory-utilization 0.85 --trust-remote-code --kv-cache-dtype fp8",
      "--vllm-args");
  CHECK(arguments.model == "Qwen/Qwen3-32B");
  CHECK(arguments.tensor_parallel_size == 4);
  CHECK(arguments.max_num_seqs == 16);
  CHECK(arguments.max_model_len == 32768);
  CHECK(arguments.gpu_memory_utilization == 0.85);
  CHECK(arguments.kv_cache_dtype == "fp8");
  CHECK_FALSE(arguments.max_num_batched_tokens);
  REQUIRE(arguments.environment.size() == 1);
  CHECK(arguments.environment[0].first == "HCCL_BUFFSIZE");
}

TEST_CASE("a script is read: comments, continued lines, variables, and only its command") {
  const VllmArguments arguments = read_vllm_arguments(
      "#!/bin/bash\n# vllm serve nothing\nexport OMP_NUM_THREADS=10\nTP=8\nMODEL=\"/models/DeepSeek-V3\"\n"
      "source set_env.sh\n"
      "nohup vllm serve $MODEL \\\n  --tensor-parallel-size ${TP} \\\n  --enable-expert-parallel \\\n"
      "  --speculative-config '{\"method\": \"mtp\", \"num_speculative_tokens\": 1}' \\\n"
      "  --max-num-batched-tokens 4096 > log 2>&1 &\ncurl --max-num-seqs 3\n",
      "serve.sh");
  CHECK(arguments.model == "/models/DeepSeek-V3");
  CHECK(arguments.tensor_parallel_size == 8);
  CHECK(arguments.enable_expert_parallel);
  CHECK(arguments.num_speculative_tokens == 1);
  CHECK(arguments.max_num_batched_tokens == 4096);
  CHECK_FALSE(arguments.max_num_seqs);
  REQUIRE(arguments.environment.size() == 1);
  CHECK(arguments.environment[0].first == "OMP_NUM_THREADS");
}

TEST_CASE("decode context parallel divides the tokens of a request among ranks that hold the same heads") {
  const auto sp = [](std::int64_t kv_heads, bool latent, const char* command) {
    PlanInputs inputs;
    inputs.spec.kv_heads = kv_heads;
    if (latent) inputs.spec.latent = LatentAttention{};
    apply_vllm(inputs, read_vllm_arguments(command, "x"));
    return inputs.parallelism.sp;
  };
  CHECK(sp(128, true, "vllm serve m -tp 16 --decode-context-parallel-size 8") == 8);
  // 16 ranks hold each of 8 heads twice.
  CHECK(sp(8, false, "vllm serve m -tp 16 --decode-context-parallel-size 8") == 2);
  CHECK(sp(8, false, "vllm serve m -tp 8 --decode-context-parallel-size 8") == 1);
  CHECK(sp(8, false, "vllm serve m -tp 8") == 1);
}

TEST_CASE("speculation by EAGLE brings a head, and its directory is kept") {
  PlanInputs inputs;
  inputs.spec.hidden_size = 64;
  inputs.spec.vocab_size = 1000;
  const VllmArguments arguments = read_vllm_arguments(
      "vllm serve m --speculative-config '{\"method\": \"eagle3\", \"model\": \"/m/eagle\", "
      "\"num_speculative_tokens\": 3}'",
      "x");
  CHECK(arguments.speculative_model == "/m/eagle");
  apply_vllm(inputs, arguments);
  CHECK(inputs.draft_layers == 1);
  REQUIRE(inputs.spec.eagle);
  CHECK(inputs.spec.eagle->whole == 3 * 64 * 64 + 4 * 64);
  CHECK(inputs.spec.eagle->assumed);
}

TEST_CASE("the cache manager for windows can be switched off") {
  const auto hybrid = [](const char* command) {
    PlanInputs inputs;
    apply_vllm(inputs, read_vllm_arguments(command, "x"));
    return inputs.hybrid_kv_cache;
  };
  CHECK(hybrid("vllm serve m"));
  CHECK_FALSE(hybrid("vllm serve m --disable-hybrid-kv-cache-manager"));
  CHECK(hybrid("vllm serve m --no-disable-hybrid-kv-cache-manager"));
}

TEST_CASE("an apostrophe in the prose before a command does not swallow it") {
  const VllmArguments arguments = read_vllm_arguments(
      "# Report\nIt's started so:\n```\nvllm serve m --max-num-seqs 8\n```\n", "issue.md");
  CHECK(arguments.max_num_seqs == 8);
}

TEST_CASE("the old server module, options alone, and a YAML config are read") {
  CHECK(read_vllm_arguments("python -m vllm.entrypoints.openai.api_server --model m --block-size 128", "x")
            .block_size == 128);
  CHECK(read_vllm_arguments("--max-num-seqs 7", "x").max_num_seqs == 7);
  const VllmArguments yaml = read_vllm_arguments(
      "model: /m\ntensor-parallel-size: 2\nmax_num_seqs: 64\nenforce-eager: true\n", "c.yaml");
  CHECK(yaml.tensor_parallel_size == 2);
  CHECK(yaml.max_num_seqs == 64);
  CHECK(yaml.enforce_eager);
}

TEST_CASE("a variable that names the server is not the command") {
  const VllmArguments arguments = read_vllm_arguments(
      "export LOG=/var/log/api_server\nvllm serve m --max-num-seqs 8 > api_server.log\n", "s.sh");
  CHECK(arguments.model == "m");
  CHECK(arguments.max_num_seqs == 8);
  CHECK(arguments.environment.size() == 1);
}

TEST_CASE("an argument that is empty or a line end ends no command") {
  CHECK(read_vllm_arguments("vllm serve m --revision '\n' --max-num-seqs 8", "s.sh").max_num_seqs == 8);
  const VllmArguments arguments =
      read_vllm_arguments("vllm serve m --revision '' --max-num-seqs 8\nls", "s.sh");
  CHECK(arguments.options.front() == std::pair<std::string, std::optional<std::string>>("revision", ""));
  CHECK(arguments.max_num_seqs == 8);
}

TEST_CASE("a setting that is no number names itself") {
  CHECK_THROWS_WITH_AS(read_vllm_arguments("vllm serve m --max-num-seqs $SEQS", "s.sh"),
                       doctest::Contains("--max-num-seqs is '$SEQS'"), InputError);
  CHECK_THROWS_AS(read_vllm_arguments("vllm serve m --max-num-seqs 0", "s.sh"), InputError);
  CHECK_THROWS_AS(read_vllm_arguments("vllm serve m --gpu-memory-utilization 1.5", "s.sh"), InputError);
  CHECK_THROWS_AS(read_vllm_arguments("hello world", "s.sh"), InputError);
}

TEST_CASE("the launch command keeps what was written, changes what is advised, and adds the rest") {
  const VllmArguments arguments =
      read_vllm_arguments("OMP_NUM_THREADS=10 vllm serve m --max-num-seqs 16 --trust-remote-code", "x");
  CHECK(launch_command(arguments, {{"max-num-seqs", "32"}, {"max-model-len", "4096"}}) ==
        "export OMP_NUM_THREADS=10\n"
        "vllm serve m \\\n  --max-num-seqs 32 \\\n  --trust-remote-code \\\n  --max-model-len 4096\n");
}

TEST_CASE("an option whose name is no word is one word of the launch command") {
  const VllmArguments arguments = read_vllm_arguments("model: m\n'a; rm -r b': 1\n", "c.yaml");
  CHECK(launch_command(arguments, {}) == "vllm serve m \\\n  '--a; rm -r b' 1\n");
}

TEST_CASE("counts beyond all bounds are refused, or saturate together") {
  CHECK_THROWS_AS(read_vllm_arguments("--max-num-seqs -9223372036854775807K", "x"), InputError);
  PlanInputs inputs;
  inputs.spec.experts.emplace();
  apply_vllm(inputs, read_vllm_arguments("--tensor-parallel-size 1099511627776 --data-parallel-size "
                                         "1099511627776 --enable-expert-parallel",
                                         "x"));
  CHECK(inputs.parallelism.moe_ep == std::numeric_limits<std::int64_t>::max());
}

TEST_CASE("vLLM-Ascend's defaults hold for what is not stated") {
  PlanInputs inputs;
  apply_vllm(inputs, read_vllm_arguments("vllm serve m", "x"));
  CHECK(inputs.max_num_seqs.value == 256);
  CHECK(inputs.max_prefill_tokens.value == 2048);
  CHECK(inputs.memory_fraction.value == 0.9);
  CHECK(inputs.max_num_seqs.assumed);
}

}  // namespace
}  // namespace ms
