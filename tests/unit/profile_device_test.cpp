#include <doctest/doctest.h>
#include <sqlite3.h>

#include <fstream>

#include "device_reading.hpp"

using namespace ms::profile;
using namespace ms::test;
using ms::FactDocument;
using ms::Json;

namespace {

void write_database(const std::filesystem::path& path, const std::string& script) {
  sqlite3* database = nullptr;
  REQUIRE(sqlite3_open(path.c_str(), &database) == SQLITE_OK);
  REQUIRE(sqlite3_exec(database, script.c_str(), nullptr, nullptr, nullptr) == SQLITE_OK);
  sqlite3_close(database);
}

constexpr const char* kKernels =
    "Step Id,Name,Type,Accelerator Core,Stream ID,Start Time(us),Duration(us),Wait Time(us),Block Dim,"
    "aic_mac_ratio,aic_mte2_ratio,aiv_vec_ratio\n"
    "1,mm1,MatMulV2,AI_CORE,2,1000.000\t,100.0,0,24,0.9,0.3,0\n"
    "1,add1,Add,AI_VECTOR_CORE,2,1110.000\t,4.0,10,48,0,0,0.5\n"
    "1,add2,Add,AI_VECTOR_CORE,2,1120.000\t,4.999,6,48,0,0,0.1\n"
    "1,ar,N/A,HCCL,N/A,1100.000\t,60.0,0,0,N/A,N/A,N/A\n"
    "1,topk,TopK,AI_CPU,3,1200.000\t,21.0,0,1,,,\n";

}  // namespace

TEST_CASE("kernels are counted by type and core, and short ones apart") {
  // Starts come in the order 1000, 1110, 1120, 1100: the collective of the fourth row is out of order.
  const Result result = read({{"kernel_details.csv", kKernels}});
  REQUIRE(result.reports[0].kind == "device.kernel_details");
  CHECK(result.reports[0].records == 5);
  CHECK(result.number("kernels.count") == 4);  // without the collective
  CHECK(result.number("kernels.total_seconds") == doctest::Approx(129.999e-6));
  CHECK(result.number("kernels.short_count") == 2);
  CHECK(result.number("kernels.short_share") == doctest::Approx(0.5));
  CHECK(result.number("kernels.short_time_share") == doctest::Approx(8.999 / 129.999));
  const Json& add = entry(result.fact("kernels.types"), "type", "Add");
  CHECK(add["count"] == 2);
  CHECK(add["core"] == "AI_VECTOR_CORE");
  CHECK(add["mean_seconds"].get<double>() == doctest::Approx(4.4995e-6));
  CHECK(entry(result.fact("kernels.cores"), "core", "AI_CORE")["total_seconds"].get<double>() ==
        doctest::Approx(100e-6));
  CHECK(result.fact("aicpu")["count"] == 1);
  CHECK(result.fact("aicpu")["slow_count"] == 1);
  CHECK(result.number("kernels.wait_seconds") == doctest::Approx(16e-6));
}

TEST_CASE("units are weighted by time over the kernels of their core") {
  const Result result = read({{"kernel_details.csv", kKernels}});
  // mac: the one cube kernel. vec: (0.5 * 4 + 0.1 * 4.999) / 8.999.
  CHECK(entry(result.fact("kernels.units"), "unit", "mac")["ratio"].get<double>() == doctest::Approx(0.9));
  CHECK(entry(result.fact("kernels.units"), "unit", "vec")["ratio"].get<double>() ==
        doctest::Approx((0.5 * 4 + 0.1 * 4.999) / 8.999));
  CHECK(result.number("kernels.bound_share") == doctest::Approx(100 / 129.999));
  CHECK(entry(result.fact("kernels.block_dims"), "block_dim", 48)["count"] == 2);
}

TEST_CASE("a gap is time in which no stream runs anything") {
  // Stream 2 runs 0-10 and 20-25, stream 3 runs 8-22; then nothing until 40. Gaps: one of 15 us on the
  // device; 10 and 15 us on stream 2.
  const Result result =
      read({{"kernel_details.csv",
             "Name,Type,Accelerator Core,Stream ID,Start Time(us),Duration(us)\n"
             "a,A,AI_CORE,2,0,10\nb,B,AI_CORE,3,8,14\nc,A,AI_CORE,2,20,5\nd,A,AI_CORE,2,40,10\n"}});
  CHECK(result.fact("gaps")["count"] == 1);
  CHECK(result.fact("gaps")["total_seconds"].get<double>() == doctest::Approx(15e-6));
  CHECK(result.fact("gaps")["share"].get<double>() == doctest::Approx(15.0 / 50));
  const Json& stream = entry(result.fact("stream_gaps"), "stream", "2");
  CHECK(stream["count"] == 2);
  CHECK(stream["total_seconds"].get<double>() == doctest::Approx(25e-6));
}

TEST_CASE("a row whose duration is no number is left out, with its line") {
  const Result result = read({{"kernel_details.csv",
                               "Name,Type,Accelerator Core,Start Time(us),Duration(us)\n"
                               "a,A,AI_CORE,1,2\nb,A,AI_CORE,2,oops\nc,A,AI_CORE,3,-1\nd,A,AI_CORE,x,2\n"}});
  REQUIRE(result.reports[0].bad_records == 2);
  CHECK(result.reports[0].first_bad[0].place == "kernel_details.csv:3");
  CHECK(result.reports[0].first_bad[0].reason == "the duration is no number: 'oops'");
  CHECK(result.reports[0].first_bad[1].place == "kernel_details.csv:4");
  CHECK(result.number("kernels.count") == 2);
}

TEST_CASE("tables of msprof give the same facts, one card for each device") {
  const Result result = read(
      {{"op_summary_20250101.csv",
        "Device_id,Model ID,Op Name,OP Type,Task Type,Task Start Time(us),Task Duration(us),Task Wait "
        "Time(us),"
        "Block Num\n0,1,x,Cast,AI_VECTOR_CORE,10,2,0,40\n1,1,x,Cast,AI_VECTOR_CORE,10,4,0,40\n"},
       {"task_time_20250101.csv",
        "Device_id,kernel_name,kernel_type,stream_id,task_id,task_time(us),task_start(us),task_stop(us)\n"
        "0,x,AI_VECTOR_CORE,2,1,2,10,12\n0,MEMCPY_ASYNC,PCIE_DMA_SQE,2,2,30,20,50\n0,EVENT_WAIT,EVENT_WAIT_"
        "SQE,2,"
        "3,99,20,119\n"},
       {"op_statistic_20250101.csv",
        "Device_id,Model Name,OP Type,Core Type,Count,Total Time(us),Min Time(us),Avg Time(us),Max Time(us),"
        "Ratio(%)\n0,m,Cast,AI_VECTOR_CORE,1,2,2,2,2,100\n"}});
  CHECK(result.reports[0].kind == "device.op_summary");
  CHECK(result.reports[1].kind == "device.task_time");
  CHECK(result.reports[2].kind == "device.op_statistic");
  CHECK(result.number("ranks") == 2);
  CHECK(result.number("kernels.count") == 2);
  CHECK(result.number("kernels.total_seconds") == doctest::Approx(6e-6));
  CHECK(result.fact("host_to_device")["count"] == 1);
  // Device 0 was watched from 10 to 12 us by its kernels, the fullest record.
  CHECK(result.fact("host_to_device")["total_seconds"].get<double>() == doctest::Approx(30e-6));
}

TEST_CASE("steps give the shares of computing, exposed communication and free time, and the slow rank") {
  const std::string header =
      "Step,Computing,Communication(Not Overlapped),Overlapped,Communication,Free,Stage,Bubble,"
      "Communication(Not Overlapped and Exclude Receive),Preparing\n";
  const Result result = read_folder(
      {{"rank0/ASCEND_PROFILER_OUTPUT/step_trace_time.csv", header + "7,60,20,10,30,20,0,0,20,5\n"},
       {"rank1/ASCEND_PROFILER_OUTPUT/step_trace_time.csv", header + "7,80,10,0,10,10,0,0,10,5\n"}});
  CHECK(result.number("ranks") == 2);
  // Both steps are 100 us: 140, 30 and 30 of 200.
  CHECK(result.number("compute_share") == doctest::Approx(0.7));
  CHECK(result.number("exposed_communication_share") == doctest::Approx(0.15));
  CHECK(result.number("free_share") == doctest::Approx(0.15));
  CHECK(result.number("overlap_ratio") == doctest::Approx(10.0 / 40));
  const Json& balance = result.fact("balance");
  CHECK(balance["slow_rank"] == 1);  // the others wait for it: it communicates shortest
  CHECK(balance["longest_compute_rank"] == 1);
  CHECK(balance["compute_spread"].get<double>() == doctest::Approx(20.0 / 70));
  CHECK(balance["communication_spread"].get<double>() == doctest::Approx(20.0 / 20));
  CHECK(result.fact("steps")[0]["rank"] == 0);
  CHECK(result.fact("steps")[1]["free_share"].get<double>() == doctest::Approx(0.1));
}

TEST_CASE("the summary of a cluster speaks for ranks that are not there themselves") {
  const std::string cluster =
      "Step,Type,Index,Computing,Communication(Not Overlapped),Overlapped,Communication,Free\n"
      "7,rank,0,60,20,0,20,20\n7,rank,1,80,10,0,10,10\n7,stage,\"(0, 1)\",80,20,0,20,20\n";
  const std::string own = "Step,Computing,Communication(Not Overlapped),Free\n7,61,20,20\n";
  const Result result = read_folder({{"cluster_analysis_output/cluster_step_trace_time.csv", cluster},
                                     {"rank_1/ASCEND_PROFILER_OUTPUT/step_trace_time.csv", own}});
  REQUIRE(result.fact("steps").size() == 2);
  CHECK(result.fact("steps")[0]["compute_seconds"].get<double>() == doctest::Approx(60e-6));
  CHECK(result.fact("steps")[1]["compute_seconds"].get<double>() == doctest::Approx(61e-6));
}

TEST_CASE("a rank is known from its folder, profiler_info, or device") {
  CHECK(rank_in_name("run/test_rank_12") == 12);
  CHECK(rank_in_name("rank0") == 0);
  CHECK(rank_in_name("profiler_info_3.json") == 3);
  CHECK_FALSE(rank_in_name("localhost_2025_ascend_pt"));
  const std::string steps = "Device_id,Step,Computing,Communication(Not Overlapped),Free\n5,1,1,1,1\n";
  const Result by_info =
      read_folder({{"a_ascend_pt/ASCEND_PROFILER_OUTPUT/step_trace_time.csv", steps},
                   {"a_ascend_pt/profiler_info_3.json",
                    R"({"config": {"experimental_config": {"_profiler_level": "Level1"}}})"}});
  CHECK(by_info.fact("steps")[0]["rank"] == 3);
  CHECK(by_info.fact("profiler_levels") == Json::array({"Level1"}));
  const Result by_device = read_folder({{"a_ascend_pt/ASCEND_PROFILER_OUTPUT/step_trace_time.csv", steps}});
  CHECK(by_device.fact("steps")[0]["rank"] == 5);
}

TEST_CASE("a timeline gives kernels, copies, ranges, host functions and the overlap analysis") {
  const std::string text = R"x([
    {"ph":"X","name":"aten::add","pid":1,"tid":1,"ts":"100.0","dur":3,"cat":"cpu_op","args":{}},
    {"ph":"X","name":"nn.Module: Linear_0","pid":1,"tid":1,"ts":"100.0","dur":30,"cat":"python_function","args":{}},
    {"ph":"X","name":"decode","pid":1,"tid":1,"ts":"100.0","dur":40,"cat":"user_annotation","args":{}},
    {"ph":"X","name":"AscendCL@aclrtMalloc","pid":2,"tid":1,"ts":"100","dur":7,"args":{"level":"acl","id":"aclrtMalloc"}},
    {"ph":"X","name":"MatMul","pid":3,"tid":2,"ts":"110","dur":10,"args":{"Task Type":"AI_CORE","Stream Id":2}},
    {"ph":"X","name":"EVENT_WAIT","pid":3,"tid":2,"ts":"120","dur":50,"args":{"Task Type":"EVENT_WAIT_SQE"}},
    {"ph":"X","name":"MEMCPY_ASYNC","pid":3,"tid":2,"ts":"130","dur":20,
     "args":{"Task Type":"PCIE_DMA_SQE","operation":"host to device","size(B)":4096}},
    {"ph":"X","name":"hcom_allReduce__1_0_1","pid":4,"tid":0,"ts":"150","dur":30,"args":{"count":1}},
    {"ph":"X","name":"Computing","pid":5,"tid":0,"ts":"110","dur":10},
    {"ph":"X","name":"Communication(Not Overlapped)","pid":5,"tid":2,"ts":"150","dur":30},
    {"ph":"X","name":"Communication","pid":5,"tid":1,"ts":"150","dur":30},
    {"ph":"X","name":"Free","pid":5,"tid":3,"ts":"120","dur":30},
    {"ph":"C","name":"AI Core Freq","pid":6,"ts":"100","args":{"MHz":1800}},
    {"ph":"C","name":"AI Core Freq","pid":6,"ts":"120","args":{"MHz":800}}])x";
  const Result result = read({{"trace_view.json", text}});
  REQUIRE(result.reports[0].kind == "device.timeline");
  CHECK(result.reports[0].records == 14);
  CHECK(result.number("kernels.count") == 1);
  CHECK(result.number("compute_share") == doctest::Approx(10.0 / 70));
  CHECK(result.number("free_share") == doctest::Approx(30.0 / 70));
  // Watched from 110 to 180 us.
  CHECK(result.fact("host_to_device")["count"] == 1);
  CHECK(result.fact("host_to_device")["bytes"] == 4096);
  CHECK(result.fact("host_to_device")["share"].get<double>() == doctest::Approx(20.0 / 70));
  CHECK(result.fact("memory_functions")["total_seconds"].get<double>() == doctest::Approx(7e-6));
  CHECK(entry(result.fact("modules"), "name", "Linear_0")["total_seconds"].get<double>() ==
        doctest::Approx(30e-6));
  CHECK(entry(result.fact("ranges"), "name", "decode")["count"] == 1);
  CHECK(result.number("min_frequency_mhz") == 800);
  CHECK(result.number("max_frequency_mhz") == 1800);
}

TEST_CASE("long free times tell what the host called of AscendCL meanwhile") {
  // Free for 60 ms under one long wait, for 300 ms under nothing, and for 40 ms, which is not long.
  const Result result = read({{"trace_view.json", R"x([
    {"ph":"X","name":"AscendCL@aclrtLaunchKernel","pid":2,"tid":1,"ts":"1765000000000000","dur":7,"args":{"level":"acl"}},
    {"ph":"X","name":"Free","pid":5,"tid":3,"ts":"1765000000100000","dur":60000},
    {"ph":"X","name":"AscendCL@aclrtSynchronizeStream","pid":2,"tid":1,"ts":"1765000000090000","dur":70000,"args":{"level":"acl"}},
    {"ph":"X","name":"Runtime@StreamSynchronize","pid":2,"tid":1,"ts":"1765000000200000","dur":300000,"args":{"level":"runtime"}},
    {"ph":"X","name":"Free","pid":5,"tid":3,"ts":"1765000000200000","dur":300000},
    {"ph":"X","name":"AscendCL@aclrtMalloc","pid":2,"tid":1,"ts":"1765000000300000","dur":600,"args":{"level":"acl"}},
    {"ph":"X","name":"Free","pid":5,"tid":3,"ts":"1765000000600000","dur":40000}])x"}});
  const Json& still = result.fact("standstills");
  REQUIRE(still.size() == 2);
  CHECK(still[0]["seconds"].get<double>() == doctest::Approx(0.3));
  CHECK(still[0]["calls"] == 1);
  CHECK(still[0]["calls_per_second"].get<double>() == doctest::Approx(1 / 0.3));
  CHECK(still[0]["call_share"].get<double>() == doctest::Approx(0.0006 / 0.3));
  CHECK(still[1]["calls"] == 0);  // the one that takes it all began before
  CHECK(still[1]["call_share"].get<double>() == doctest::Approx(1));
  const Result without = read({{"trace_view.json", R"x([
    {"ph":"X","name":"Free","pid":5,"tid":3,"ts":"1765000000100000","dur":900000},
    {"ph":"X","name":"Computing","pid":5,"tid":0,"ts":"1765000000000000","dur":10}])x"}});
  CHECK(without.absent("standstills") == "the timeline has no calls of AscendCL");
}

TEST_CASE("memory is in bytes, and short-lived allocations are counted") {
  const Result result =
      read({{"memory_record.csv",
             "Component,Timestamp(us),Total Allocated(MB),Total Reserved(MB),Total Active(MB),Stream "
             "Ptr,Device Type\n"
             "PTA,1\t,10.0,20.0,10.0,1,NPU:0\nPTA,2\t,15.0,20.5,12.0,1,NPU:0\nPTA,3,,,,,NPU:0\nAPP,3,,30,,,"
             "NPU:0\n"},
            {"operator_memory.csv",
             "Name,Size(KB),Allocation Time(us),Release Time(us),Duration(us),Device Type\n"
             "aten::empty,4,1,2,999.9,NPU:0\naten::empty,4,1,,,NPU:0\naten::empty,x,1,,,NPU:0\n"},
            {"npu_module_mem.csv",
             "Device_id,Component,Timestamp(us),Total Reserved(MB),Device\n0,HCCL,1,2,NPU:0\n"},
            {"static_op_mem.csv", "Device_id,Op Name,Model Name,Graph ID,Size(KB)\nhost,x,0,0,8\n"}});
  for (const char* kind :
       {"device.memory_record", "device.operator_memory", "device.module_memory", "device.static_memory"}) {
    CHECK(std::any_of(result.reports.begin(), result.reports.end(),
                      [&](const auto& r) { return r.kind == kind; }));
  }
  CHECK(result.reports[0].bad_records == 1);
  CHECK(result.reports[1].bad_records == 1);
  const Json& memory = result.fact("memory");
  CHECK(memory["peak_allocated_bytes"] == 15.0 * 1024 * 1024);
  CHECK(memory["peak_reserved_bytes"] == 30.0 * 1024 * 1024);
  CHECK(memory["allocations"] == 2);
  CHECK(memory["short_lived_allocations"] == 1);
  CHECK(memory["allocated_bytes"] == 8192);
  CHECK(memory["static_bytes"] == 8192);
  CHECK(entry(result.fact("memory_modules"), "module", "HCCL")["reserved_bytes"] == 2.0 * 1024 * 1024);
}

TEST_CASE("host functions and operators are ranked by their time") {
  const Result result =
      read({{"api_statistic.csv",
             "Level,API Name,Time(us),Count,Avg(us),Min(us),Max(us),Variance\n"
             "acl,aclrtFree,30,3,10,5,15,0\nacl,aclrtMallocAsync,20,1,20,20,20,0\nnode,launch,950,5,1,1,1,0\n"
             "acl,broken,x,1,1,1,1,1\n"},
            {"operator_details.csv",
             "Name,Input Shapes,Call Stack,Host Self Duration(us),Host Total Duration(us),"
             "Device Self Duration(us),Device Total Duration(us)\n"
             "aten::add,,\"a;\nb\",10,12,3,3\naten::add,,,20,22,3,3\n"}});
  CHECK(result.reports[0].bad_records == 1);
  CHECK(result.fact("functions")[0]["name"] == "launch");
  CHECK(result.fact("functions")[0]["share"].get<double>() == doctest::Approx(0.95));
  CHECK(result.fact("memory_functions")["count"] == 4);
  CHECK(result.fact("memory_functions")["total_seconds"].get<double>() == doctest::Approx(50e-6));
  CHECK(result.fact("dispatch")["mean_host_seconds"].get<double>() == doctest::Approx(15e-6));
  CHECK(result.fact("operators")[0]["count"] == 2);
}

TEST_CASE("a database gives what the tables do") {
  const ms::TemporaryFolder folder;
  const std::filesystem::path output = folder / "rank2/ASCEND_PROFILER_OUTPUT";
  std::filesystem::create_directories(output);
  const char* script = R"(
    CREATE TABLE STRING_IDS (id INTEGER PRIMARY KEY, value TEXT);
    INSERT INTO STRING_IDS VALUES (1,'mm'),(2,'MatMul'),(3,'AI_CORE'),(4,'MEMCPY_ASYNC'),(5,'hcom_allGather__1_0_1'),(6,'aclrtFree');
    CREATE TABLE TASK (startNs, endNs, deviceId, connectionId, globalTaskId, globalPid, taskType, contextId, streamId, taskId, modelId);
    INSERT INTO TASK VALUES (1000,3000,5,0,1,0,3,0,2,1,0),(4000,9000,5,0,2,0,4,0,2,2,0),(NULL,1,5,0,3,0,3,0,2,2,0);
    CREATE TABLE COMPUTE_TASK_INFO (name, globalTaskId, blockNum, taskType, opType);
    INSERT INTO COMPUTE_TASK_INFO VALUES (1,1,24,3,2),(1,3,24,3,2);
    CREATE TABLE COMMUNICATION_OP (opName, startNs, endNs);
    INSERT INTO COMMUNICATION_OP VALUES (5,10000,20000);
    CREATE TABLE MEMCPY_INFO (globalTaskId, size, memcpyOperation);
    INSERT INTO MEMCPY_INFO VALUES (2,512,1);
    CREATE TABLE ENUM_MEMCPY_OPERATION (id, name);
    INSERT INTO ENUM_MEMCPY_OPERATION VALUES (1,'host to device');
    CREATE TABLE CANN_API (startNs, endNs, type, name);
    CREATE TABLE ENUM_API_TYPE (id, name);
    INSERT INTO CANN_API VALUES (0,7000,20000,6);
    INSERT INTO ENUM_API_TYPE VALUES (20000,'acl');)";
  write_database(output / "ascend_pytorch_profiler_2.db", script);
  std::ofstream(output / "analysis.db") << "SQLite format 3 but nothing more";

  Result result;
  result.reports = read_profiles(folder.path(), result.run).files;
  add_device_facts(result.run.device, result.facts);
  REQUIRE(result.reports.size() == 2);
  CHECK(result.reports[0].bad_records == 1);  // no database
  CHECK(result.reports[1].kind == "device.database");
  CHECK(result.reports[1].bad_records == 1);  // the task without a start
  CHECK(result.number("kernels.count") == 1);
  CHECK(result.fact("kernels.types").size() == 1);
  CHECK(result.fact("kernels.collectives")["total_seconds"].get<double>() == doctest::Approx(10e-6));
  CHECK(entry(result.fact("kernels.types"), "type", "MatMul")["total_seconds"].get<double>() ==
        doctest::Approx(2e-6));
  CHECK(result.fact("host_to_device")["bytes"] == 512);
  CHECK(result.fact("memory_functions")["total_seconds"].get<double>() == doctest::Approx(7e-6));
  CHECK(result.absent("steps") ==
        "no step_trace_time.csv, timeline with overlap analysis or analysis.db was read");
}

TEST_CASE("a hostile database costs a bad record, and no time") {
  const std::string tasks =
      "CREATE TABLE TASK (startNs, endNs, deviceId, globalTaskId, taskType, streamId);"
      "INSERT INTO TASK VALUES (1, 2, 0, 1, 1, 1);";
  // A view without end in the place of a table, and 20,000 rows that each belong to 20,000 others.
  const std::string view =
      tasks +
      "CREATE VIEW STRING_IDS(id, value) AS WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT "
      "x + 1 FROM c) SELECT x, 'MEMCPY' FROM c;";
  const std::string product =
      tasks +
      "CREATE TABLE STRING_IDS (id INTEGER PRIMARY KEY, value TEXT); INSERT INTO STRING_IDS VALUES (1, 'mm');"
      "WITH RECURSIVE c(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM c LIMIT 20000)"
      " INSERT INTO TASK SELECT 1, 2, 0, 1, 1, 1 FROM c;"
      "CREATE TABLE COMPUTE_TASK_INFO AS SELECT 1 AS name, 1 AS globalTaskId, 1 AS blockNum, 1 AS taskType,"
      " 1 AS opType FROM TASK;";
  for (const std::string& script : {view, product}) {
    const ms::TemporaryFolder folder;
    write_database(folder / "ascend_pytorch_profiler_0.db", script);
    Run run;
    const auto files = read_profiles(folder.path(), run).files;
    REQUIRE(files.size() == 1);
    CHECK(files[0].bad_records >= 1);
  }
}

TEST_CASE("without device profiles there are no device facts") {
  const Result result = read({{"notes.txt", "hello"}});
  CHECK(result.reports[0].kind.empty());
  CHECK_FALSE(result.facts.contains("device"));
}
