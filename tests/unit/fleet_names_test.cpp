#include <doctest/doctest.h>

#include "fleet/name_list.hpp"

TEST_SUITE_BEGIN("fleet");

using Names = std::vector<std::string>;

TEST_CASE("names that differ in a number are folded as clusters write them") {
  CHECK(ms::fold_names({"node001", "node002", "node003"}) == Names{"node[001-003]"});
  CHECK(ms::fold_names({"node3", "node1", "node7", "node2"}) == Names{"node[1-3,7]"});
  CHECK(ms::fold_names({"node7"}) == Names{"node7"});
  CHECK(ms::fold_names({"login", "node1"}) == Names{"login", "node1"});
}

TEST_CASE("leading zeros are kept, and nine is followed by ten") {
  CHECK(ms::fold_names({"n9", "n10"}) == Names{"n[9-10]"});
  CHECK(ms::fold_names({"n09", "n10"}) == Names{"n[09-10]"});
  CHECK(ms::fold_names({"n099", "n100"}) == Names{"n[099-100]"});
  // 9 and 010 are not one range: "n[9-010]" would say neither.
  CHECK(ms::fold_names({"n9", "n010"}) == Names{"n[9,010]"});
}

TEST_CASE("of several numbers the one that folds most is folded") {
  CHECK(ms::fold_names({"n1.dc2", "n2.dc2", "n3.dc2"}) == Names{"n[1-3].dc2"});
  CHECK(ms::fold_names({"rack1-n7", "rack2-n7"}) == Names{"rack[1-2]-n7"});
  CHECK(ms::fold_names({"rack1-n1", "rack1-n2", "rack2-n1", "rack2-n2"}) ==
        Names{"rack1-n[1-2]", "rack2-n[1-2]"});
}

TEST_CASE("a number that is too long to count is text") {
  CHECK(ms::fold_names({"n1234567890123456789012", "n1"}) == Names{"n1", "n1234567890123456789012"});
}

TEST_CASE("what does not fit on a line is counted") {
  CHECK(ms::joined_names({"alpha", "beta", "gamma"}, 100) == "alpha, beta, gamma");
  CHECK(ms::joined_names({"alpha", "beta", "gamma"}, 11) == "alpha, beta, … (+1)");
  CHECK(ms::joined_names({"n1", "n3", "n5", "n7"}, 6) == "n[1,3,…]");
}

TEST_SUITE_END();
