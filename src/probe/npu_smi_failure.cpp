#include <fmt/format.h>
#include <re2/re2.h>

#include <algorithm>
#include <iterator>

#include "base/text.hpp"
#include "probe/npu_smi.hpp"

namespace ms {
namespace {

struct DcmiCode {
  int code;
  std::string_view meaning;
};

// What the driver's documentation says of the codes, and what users found to be behind them.
constexpr DcmiCode kDcmiCodes[] = {
    {-8005,
     "the driver does not answer: reboot when driver or firmware were upgraded since the last boot; run as "
     "root or as a "
     "member of the group HwHiAiUser; in a container pass in /dev/davinci*, /dev/davinci_manager, "
     "/dev/devmm_svm and "
     "/dev/hisi_hdc, which no other container may hold"},
    {-8002, "permission denied: run as root or as a member of the group HwHiAiUser"},
    {-8006, "the device did not answer in time: look into 'dmesg', and reset the NPU or reboot"},
    {-8012, "the device is not ready yet: wait for the driver to finish its start, then try again"},
    {-8013, "the query is not supported in a container: run it on the host"},
    {-8017, "the device is being upgraded: wait until that is done"},
    {-8020,
     "the device is held by another container or process: stop the one that has it, or leave the NPU to it"},
};

struct Phrase {
  std::string_view text;
  std::string_view meaning;
};

constexpr Phrase kPhrases[] = {
    {"error while loading shared libraries",
     "its libraries were not found: add the driver's lib64/common and lib64/driver folders, below "
     "/usr/local/Ascend/driver, to LD_LIBRARY_PATH, and in a container mount them"},
    {"command not found",
     "not installed, or not on PATH: install the driver, or mount npu-smi into the container"},
    {"Permission denied", "permission denied: run as root or as a member of the group HwHiAiUser"},
    {"This device does not support querying", "this device does not support the query"},
    {"Invalid card id", "it was asked for a card that is not there"},
    {"Error parameter of", "this version does not know the arguments"},
};

}  // namespace

std::optional<std::string> explain_npu_smi_failure(std::string_view text) {
  static const RE2 dcmi(R"(dcmi mod\w+ initiali[sz]ed? failed.{0,80}?ret(?: is|[ =:])+[ ]*(-\d{1,6}))");
  int code = 0;
  if (RE2::PartialMatch(re2::StringPiece(text.data(), text.size()), dcmi, &code)) {
    const auto* known = std::find_if(std::begin(kDcmiCodes), std::end(kDcmiCodes),
                                     [&](const DcmiCode& entry) { return entry.code == code; });
    return fmt::format("the driver's management interface did not start (dcmi {}){}", code,
                       known == std::end(kDcmiCodes) ? "" : fmt::format(": {}", known->meaning));
  }
  for (const Phrase& phrase : kPhrases) {
    if (text.find(phrase.text) != text.npos) return std::string(phrase.meaning);
  }
  return std::nullopt;
}

}  // namespace ms
