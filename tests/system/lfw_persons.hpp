// SPDX-License-Identifier: MIT
#pragma once

#include <map>
#include <string>

#include "facesearch/core/calibration.hpp"
#include "facesearch/core/template.hpp"

/// What matching by person does on labelled photographs: persons with four photographs and more, three of
/// them enrolled, the others searched for.
namespace facesearch::test {

/// One JSON object:
/// * `mates_at_fmr`: the share of searches that find the person at FMR 10⁻¹ … 10⁻⁵ of `one` photograph, the
///   `best` of three, and the `mean` of three, each at the cosines that one in 10 … 100,000 strangers reach;
/// * `at_threshold`: at the collection's own threshold 80, by face and by person: mates found, and strangers
///   that match a person;
/// * `mixed`: the same mates where two people are one person: found by face and by person, and how often a
/// mean
///   holds photographs of both.
std::string person_figures(const std::map<std::string, Template>& templates, const Calibration& calibration,
                           const std::map<std::string, std::string>& persons);

/// `mixed` alone, of persons with fewer photographs.
std::string mixed_figures(const std::map<std::string, Template>& templates, const Calibration& calibration,
                          const std::map<std::string, std::string>& persons);

}  // namespace facesearch::test
