// SPDX-License-Identifier: MIT
#include "facesearch/options/option_checks.hpp"

#include <charconv>
#include <optional>
#include <utility>

#include <fmt/format.h>
#include <fmt/ranges.h>

#include "facesearch/options/nearest_word.hpp"

namespace facesearch::app {
namespace {

/// The number that is all of the text.
template <typename Number>
std::optional<Number> parse(const std::string& text) {
  Number value{};
  const char* const end = text.data() + text.size();
  const auto read = std::from_chars(text.data(), end, value);
  if (read.ec != std::errc() || read.ptr != end) return std::nullopt;
  return value;
}

std::string refuse(const std::string& text, const std::string& wanted) {
  return fmt::format("'{}' is not allowed. Give {}.", text, wanted);
}

}  // namespace

CLI::Validator whole_number(std::uint64_t low, std::uint64_t high) {
  const bool open = high == std::numeric_limits<std::uint64_t>::max();
  std::string wanted = open ? fmt::format("a whole number from {} on", low)
                            : fmt::format("a whole number from {} to {}", low, high);
  return {[low, high, wanted = std::move(wanted)](const std::string& text) {
            const auto value = parse<std::uint64_t>(text);
            return value && *value >= low && *value <= high ? std::string() : refuse(text, wanted);
          },
          ""};
}

CLI::Validator number() {
  return {[](const std::string& text) {
            return parse<double>(text) ? std::string() : refuse(text, "a number, for example 80 or 99.5");
          },
          ""};
}

CLI::Validator number(double low, double high, const std::string& unit) {
  return {
      [low, high, wanted = fmt::format("{} from {:g} to {:g}", unit, low, high)](const std::string& text) {
        const auto value = parse<double>(text);
        return value && *value >= low && *value <= high ? std::string() : refuse(text, wanted);
      },
      ""};
}

CLI::Validator number_to_100() {
  return {[](const std::string& text) {
            const auto value = parse<double>(text);
            if (!value) return refuse(text, "a number, for example 80 or 99.5");
            if (!(*value > 0 && *value < 1)) return std::string();
            return refuse(text,
                          fmt::format("a number from 0 to 100: {} would accept everybody; {:g} on a scale "
                                      "of 1 is {:g} here",
                                      text, *value, 100 * *value));
          },
          ""};
}

CLI::Validator one_of(std::vector<std::string> words) {
  return {[words = std::move(words)](const std::string& text) {
            for (const std::string& word : words) {
              if (text == word) return std::string();
            }
            const std::string nearest = nearest_word(text, words);
            return refuse(text, fmt::format("one of {}", fmt::join(words, ", "))) +
                   (nearest.empty() ? "" : fmt::format(" Did you mean {}?", nearest));
          },
          ""};
}

CLI::Validator no_option() {
  return {[](const std::string& text) {
            return text.starts_with("--") ? refuse(text, "a file; ./" + text + " is the file of that name")
                                          : std::string();
          },
          ""};
}

CLI::Validator not_empty() {
  return {[](const std::string& text) {
            return text.empty() ? std::string("the value is empty. Give one.") : std::string();
          },
          ""};
}

}  // namespace facesearch::app
