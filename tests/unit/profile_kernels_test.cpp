#include <doctest/doctest.h>
#include <fmt/format.h>

#include <string>

#include "profile/device_facts.hpp"
#include "profile/input.hpp"
#include "profile/kernel_shapes.hpp"
#include "profile/run.hpp"

using namespace ms::profile;
using ms::FactDocument;
using ms::Json;

namespace {

Json facts_of_file(const std::string& name, const std::string& text) {
  Run run;
  read_text(name, text, run);
  FactDocument facts;
  add_device_facts(run.device, facts);
  return facts.tree().at("device");
}

}  // namespace

TEST_CASE("rows of a matrix are aligned where they are multiples of 512 bytes") {
  // 4096 and 9216 floats are 16384 and 36864 bytes; the bias has one dimension and no rows.
  CHECK(unaligned_input(R"("32,9216;4096,9216;4096")", "FLOAT;FLOAT;FLOAT",
                        "FORMAT_ND;FORMAT_ND;FORMAT_ND") == "");
  // 1000 values of two bytes are 2000 = 3.9 x 512.
  CHECK(unaligned_input(R"("32,4096;4096,1000")", "DT_BF16;DT_BF16", "ND;ND") == "4096x1000 DT_BF16");
  // 128 values of two bytes are half a block, 512 of one byte a whole.
  CHECK(unaligned_input("8,128", "FLOAT16", "ND") == "8x128 FLOAT16");
  CHECK(unaligned_input("8,512", "INT8", "ND") == "");
  // Padded formats and unknown types tell nothing.
  CHECK_FALSE(unaligned_input("64,63,16,16", "DT_BF16", "FRACTAL_NZ"));
  CHECK_FALSE(unaligned_input("8,100", "COMPLEX64", "ND"));
  CHECK_FALSE(unaligned_input("8", "FLOAT", "ND"));
  CHECK_FALSE(unaligned_input("", "", ""));
  CHECK_FALSE(unaligned_input("8,-1;N/A", "FLOAT;FLOAT", "ND;ND"));
}

TEST_CASE("kernels on few cores, unaligned products and chains of small kernels") {
  // Cube: 24 cores seen; 10 us on 24, 20 us on 8, 30 us on 20. Products: 60 us, of which 20 are unaligned.
  // Vector: Cast, Mul, Add five times, 3 us in 9 us each.
  std::string text =
      "Name,Type,Accelerator Core,Stream ID,Start Time(us),Duration(us),Block Dim,Input Shapes,Input Data "
      "Types,"
      "Input Formats,aiv_mte2_ratio\n"
      "a,MatMulV2,AI_CORE,2,0,10,24,\"\"\"32,512;512,512\"\"\",DT_BF16;DT_BF16,ND;ND,0\n"
      "b,MatMulV2,AI_CORE,2,10,20,8,\"\"\"32,512;512,500\"\"\",DT_BF16;DT_BF16,ND;ND,0\n"
      "c,MatMulV2,AI_CORE,2,30,30,20,\"\"\"32,512;512,512\"\"\",DT_BF16;DT_BF16,ND;ND,0\n";
  for (int i = 0; i < 5; ++i) {
    const int start = 100 + i * 20;
    text += fmt::format("x,Cast,AI_VECTOR_CORE,2,{},1,48,\"\",,,0.5\n", start);
    text += fmt::format("y,Mul,AI_VECTOR_CORE,2,{},1,48,\"\",,,0.5\n", start + 4);
    text += fmt::format("z,Add,AI_VECTOR_CORE,2,{},1,48,\"\",,,0.5\n", start + 8);
    text += fmt::format("m,Transpose,AI_CORE,2,{},1,24,\"\",,,0\n", start + 10);
  }
  const Json device = facts_of_file("kernel_details.csv", text);
  const Json& kernels = device.at("kernels");
  const double computing = 60 + 15 + 5;  // us

  const Json& cube = kernels["core_use"][0];
  CHECK(cube["core"] == "cube");
  CHECK(cube["cores"] == 24);
  CHECK(cube["few_count"] == 1);
  CHECK(cube["few_share"].get<double>() == doctest::Approx(20 / computing));
  CHECK(cube["uneven_share"].get<double>() == doctest::Approx(30 / computing));
  CHECK(kernels["core_use"][1]["cores"] == 48);
  CHECK(kernels["core_use"][1]["few_count"] == 0);

  CHECK(kernels["alignment"]["matrix_products"] == 3);
  CHECK(kernels["alignment"]["unaligned_share"].get<double>() == doctest::Approx(20 / computing));
  CHECK(kernels["alignment"]["inputs"][0]["input"] == "512x500 DT_BF16");

  REQUIRE(kernels["chains"].size() == 1);
  const Json& chain = kernels["chains"][0];
  CHECK(chain["types"] == "Cast, Mul, Add");
  CHECK(chain["count"] == 5);
  CHECK(chain["length"] == 3);
  CHECK(chain["total_seconds"].get<double>() == doctest::Approx(15e-6));
  CHECK(chain["span_seconds"].get<double>() == doctest::Approx(45e-6));
  CHECK(chain["idle_share"].get<double>() == doctest::Approx(30.0 / 45));
  CHECK(chain["read_share"].get<double>() == doctest::Approx(0.5));
  CHECK(chain["share"].get<double>() == doctest::Approx(45.0 / 191));  // watched from 0 to 191 us
}

TEST_CASE("a kernel that is cut into more parts than there are cores runs in rounds") {
  // 240 parts are five rounds of 48; 100 are two rounds and 4 of 48: 100 / 144 of the cores work.
  const Json device = facts_of_file("kernel_details.csv",
                                    "Name,Type,Accelerator Core,Start Time(us),Duration(us),Block Dim\n"
                                    "a,Add,AI_VECTOR_CORE,0,10,48\nb,Add,AI_VECTOR_CORE,10,10,240\n"
                                    "c,Add,AI_VECTOR_CORE,20,20,100\n");
  const Json& use = device["kernels"]["core_use"][0];
  CHECK(use["cores"] == 48);
  CHECK(use["uneven_count"] == 1);
  CHECK(use["uneven_share"].get<double>() == doctest::Approx(0.5));
}

TEST_CASE("a chain ends at a kernel of another core, at ten kernels, and at the end of the file") {
  std::string text = "Name,Type,Accelerator Core,Stream ID,Start Time(us),Duration(us)\n";
  for (int i = 0; i < 12; ++i) text += fmt::format("x,Add,AI_VECTOR_CORE,2,{},1\n", i * 2);
  const Json chains = facts_of_file("kernel_details.csv", text).at("kernels").at("chains");
  REQUIRE(chains.size() == 2);
  CHECK(chains[0]["length"] == 10);
  CHECK(chains[1]["types"] == "Add, Add");
}

TEST_CASE("transfers over SDMA are counted, and those that are not aligned") {
  const auto transfer = [](const char* transport, int bytes) {
    return fmt::format(
        R"x({{"name":"Memcpy","pid":4,"tid":1,"ts":"100","dur":3,"ph":"X","args":{{"transport type":"{}","size(Byte)":{}}}}},)x",
        transport, bytes);
  };
  const Json device = facts_of_file(
      "trace_view.json",
      "[" + transfer("SDMA", 2064384) + transfer("SDMA", 1000) + transfer("SDMA", 0) + transfer("LOCAL", 7) +
          R"({"ph":"X","name":"MatMul","pid":3,"tid":2,"ts":"110","dur":10,"args":{"Task Type":"AI_CORE"}}])");
  CHECK(device["sdma_transfers"]["count"] == 2);
  CHECK(device["sdma_transfers"]["unaligned_count"] == 1);
  CHECK(device["sdma_transfers"]["unaligned_share"] == 0.5);
}

TEST_CASE("the rank whose communication is an outlier is said to be one") {
  const auto balance_of = [](double odd) {
    Run run;
    std::string text =
        "Step,Type,Index,Computing,Communication(Not Overlapped),Overlapped,Communication,Free\n";
    for (int rank = 0; rank < 8; ++rank) {
      const double communication = rank == 5 ? odd : 100 + rank * 0.1;
      text += fmt::format("1,rank,{},500,{},0,{},10\n", rank, communication, communication);
    }
    read_text("cluster_step_trace_time.csv", text, run);
    FactDocument facts;
    add_device_facts(run.device, facts);
    return facts.tree().at("device").at("balance");
  };
  CHECK(balance_of(97)["outlier_test"] == "dixon");
  CHECK(balance_of(97)["slow_rank"] == 5);
  CHECK(balance_of(100.05)["outlier_test"] == "none");
}
