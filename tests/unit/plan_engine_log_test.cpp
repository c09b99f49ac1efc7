#include <doctest/doctest.h>

#include "base/error.hpp"
#include "base/units.hpp"
#include "plan/engine_log.hpp"

namespace ms {
namespace {

TEST_CASE("a start-up log of vLLM-Ascend gives weights, KV memory and tokens, with their lines") {
  const EngineLog log = read_engine_log(
      "INFO [default_loader.py:384] Loading weights took 2.91 seconds\n"
      "INFO [model_runner_v1.py:2589] Loading model weights took 16.9570 GB\n"
      "INFO [worker.py:357] Available KV cache memory: 34.65 GiB\n"
      "INFO [kv_cache_utils.py:1316] GPU KV cache size: 252,288 tokens\n"
      "INFO [platform.py:354] npu\n",
      "serve.log");
  REQUIRE(log.memory.weights_bytes);
  CHECK(log.memory.weights_bytes->value == 18'207'440'110);  // 16.9570 x 2^30
  CHECK(log.memory.weights_bytes->source == "serve.log:2");
  REQUIRE(log.memory.kv_bytes);
  CHECK(log.memory.kv_bytes->value == 37'205'154'202);  // 34.65 x 2^30
  REQUIRE(log.memory.kv_tokens);
  CHECK(log.memory.kv_tokens->value == 252'288);
}

TEST_CASE("of several ranks the fullest counts, and of several starts the last") {
  const EngineLog log = read_engine_log(
      "Loading model weights took 9.0 GB\nGPU KV cache size: 999 tokens\n"
      "Loading model weights took 5.5 GB\nLoading model weights took 6.0 GB\n"
      "Available memory: 21000000000, total memory: 65452113920\n"
      "Available memory: 20000000000, total memory: 65452113920\n# NPU blocks: 3243, # CPU blocks: 0\n",
      "x.log");
  CHECK(log.memory.weights_bytes->value == 6 * kGiB);
  CHECK(log.memory.kv_bytes->value == 20'000'000'000);
  CHECK(log.total_bytes->value == 65'452'113'920);
  CHECK(log.memory.blocks->value == 3243);
  CHECK_FALSE(log.memory.kv_tokens);
}

TEST_CASE("a log of MindIE gives blocks, and the memory after its warm-up") {
  const EngineLog log = read_engine_log(
      "[INFO] After prefill warmup, peak mem: 18.25G, total_mem: 29.50G\n"
      "[DEBUG] block_size:128,num_heads:4,head_size:128,num_layers: 28, cache_block_bytes:7340032,"
      "num_cpu_blocks:0, num_npu_blocks: 1000\n",
      "mindie.log");
  CHECK(log.engine == "mindie");
  CHECK(log.memory.blocks->value == 1000);
  CHECK(log.memory.kv_bytes->value == 7'340'032'000);
  CHECK(log.memory.kv_tokens->value == 128'000);
  CHECK(log.memory.peak_bytes->value == 19'595'788'288);  // 18.25 x 2^30
  CHECK(log.total_bytes->value == 31'675'383'808);        // 29.50 x 2^30
}

TEST_CASE("older forms of vLLM are read as well") {
  const EngineLog log = read_engine_log(
      "model weights take 14.99GiB; non_torch_memory takes 0.35GiB; PyTorch activation peak memory takes "
      "2.07GiB; the "
      "rest of the memory reserved for KV Cache is 3.81GiB.\n# CUDA blocks: 1952, # CPU blocks: 2048\n",
      "old.log");
  CHECK(log.memory.weights_bytes->value == 16'095'389'942);  // 14.99 x 2^30
  CHECK(log.memory.kv_bytes->value == 4'090'956'349);        // 3.81 x 2^30
  CHECK(log.memory.blocks->value == 1952);
}

TEST_CASE("a log that says nothing of memory is refused") {
  CHECK_THROWS_WITH_AS(read_engine_log("hello\nworld\n", "x.log"),
                       doctest::Contains("says nothing of KV blocks"), InputError);
  CHECK_THROWS_AS(read_engine_log("", "x.log"), InputError);
  CHECK_THROWS_AS(read_engine_log("GPU KV cache size: 99999999999999999999999 tokens\n", "x.log"),
                  InputError);
}

}  // namespace
}  // namespace ms
