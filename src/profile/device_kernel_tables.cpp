#include <fmt/format.h>

#include "profile/device_readers.hpp"
#include "profile/device_rows.hpp"
#include "profile/device_tasks.hpp"
#include "profile/microseconds.hpp"

// Tables with a row for each kernel or task: kernel_details.csv, op_summary_*.csv and task_time_*.csv.
namespace ms::profile {
namespace {

struct KernelColumns {
  explicit KernelColumns(const DeviceRows& rows)
      : name(rows.column({"Name", "Op Name", "kernel_name"})),
        type(rows.column({"Type", "OP Type"})),
        core(rows.column({"Accelerator Core", "Task Type", "kernel_type"})),
        stream(rows.column({"Stream ID", "stream_id"})),
        start(rows.column({"Start Time(us)", "Task Start Time(us)", "task_start(us)"})),
        duration(rows.column({"Duration(us)", "Task Duration(us)", "task_time(us)"})),
        wait(rows.column({"Wait Time(us)", "Task Wait Time(us)"})),
        block_dim(rows.column({"Block Dim", "Block Num"})),
        device(rows.column({"Device_id"})),
        shapes(rows.column({"Input Shapes"})),
        types(rows.column({"Input Data Types"})),
        formats(rows.column({"Input Formats"})) {
    for (std::size_t unit = 0; unit < kCoreUnits; ++unit)
      units[unit] = rows.column({kCoreUnitColumns[unit].column});
  }

  DeviceRows::Column name, type, core, stream, start, duration, wait, block_dim, device, shapes, types,
      formats;
  std::array<DeviceRows::Column, kCoreUnits> units;
};

// Where the profiler gives no type, kernels are told apart by their names.
std::string_view type_or_name(const DeviceRows& rows, const KernelColumns& columns) {
  const std::string_view type = rows.text(columns.type);
  return is_blank(type) ? rows.text(columns.name) : type;
}

Kernel kernel_of(const DeviceRows& rows, const KernelColumns& columns, std::int64_t duration_ns) {
  Kernel kernel{.type = type_or_name(rows, columns),
                .core = rows.text(columns.core),
                .stream = rows.text(columns.stream),
                .start_ns = parse_microseconds(rows.text(columns.start)),
                .duration_ns = duration_ns,
                .wait_ns = parse_microseconds(rows.text(columns.wait)),
                .block_dim = parse_int(rows.text(columns.block_dim)),
                .units = {},
                .input_shapes = rows.text(columns.shapes),
                .input_types = rows.text(columns.types),
                .input_formats = rows.text(columns.formats)};
  for (std::size_t unit = 0; unit < kCoreUnits; ++unit) {
    if (!columns.units[unit]) continue;
    if (const auto ratio = rows.number(columns.units[unit]))
      kernel.units[unit] = *ratio * kCoreUnitColumns[unit].scale;
  }
  return kernel;
}

// Calls `on_row(card, duration_ns)` for each row whose duration is one.
template <class F>
void each_task(DeviceRows& rows, const KernelColumns& columns, const Input& input, Run& run, F on_row) {
  CardOfRow cards(run, input);
  while (rows.next()) {
    const auto duration_ns = parse_microseconds(rows.text(columns.duration));
    if (!duration_ns) {
      rows.bad_number("the duration", columns.duration);
    } else if (*duration_ns < 0) {
      rows.bad("the duration is negative");
    } else {
      on_row(cards.of(rows.integer(columns.device)), *duration_ns);
      rows.used();
    }
  }
}

KernelStatistics& statistics(Card& card, KernelSource source) {
  auto& place = card.kernels[static_cast<std::size_t>(source)];
  return place ? *place : place.emplace();
}

void read_kernels(Input& input, Run& run, FileReport& report, KernelSource source) {
  DeviceRows rows(input, report);
  const KernelColumns columns(rows);
  each_task(rows, columns, input, run, [&](Card& card, std::int64_t duration_ns) {
    statistics(card, source).add(kernel_of(rows, columns, duration_ns));
  });
}

}  // namespace

void read_kernel_details(Input& input, Run& run, FileReport& report) {
  read_kernels(input, run, report, KernelSource::kernel_details);
}

void read_op_summary(Input& input, Run& run, FileReport& report) {
  read_kernels(input, run, report, KernelSource::op_summary);
}

void read_task_time(Input& input, Run& run, FileReport& report) {
  DeviceRows rows(input, report);
  const KernelColumns columns(rows);
  each_task(rows, columns, input, run, [&](Card& card, std::int64_t duration_ns) {
    const std::string_view type = rows.text(columns.core);
    switch (task_kind(type, rows.text(columns.name))) {
      case TaskKind::kernel:
        statistics(card, KernelSource::task_time).add(kernel_of(rows, columns, duration_ns));
        break;
      case TaskKind::copy:
        card.copies[std::string(copy_kind(type))].time.add(static_cast<double>(duration_ns) / 1e9);
        break;
      case TaskKind::other:
        break;
    }
  });
}

}  // namespace ms::profile
