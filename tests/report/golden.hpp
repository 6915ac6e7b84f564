// Compares a report with the file in fixtures/reports that says how it must look, byte by byte. With
// UPDATE_GOLDEN set in the environment the file is written anew instead: look at it before it is committed.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <vector>

namespace golden
{

using Lines = std::vector<std::string>;

inline Lines lines_of(const std::string& text)
{
    Lines lines;
    std::istringstream stream(text);
    for (std::string line; std::getline(stream, line);)
        lines.push_back(line);
    return lines;
}

inline std::string marked(Lines::const_iterator begin, Lines::const_iterator end, const char* mark)
{
    std::string text;
    for (auto line = begin; line != end; ++line)
        text += mark + *line + '\n';
    return text;
}

/// The lines between the common beginning and the common end of both.
inline std::string difference(const std::string& expected, const std::string& actual)
{
    const auto wanted = lines_of(expected);
    const auto got = lines_of(actual);
    if (wanted == got)
        return "only the line ends differ\n";
    const auto [wanted_begin, got_begin] =
        std::mismatch(wanted.begin(), wanted.end(), got.begin(), got.end());
    const auto [wanted_end, got_end] = std::mismatch(
        wanted.rbegin(), std::make_reverse_iterator(wanted_begin), got.rbegin(),
        std::make_reverse_iterator(got_begin)
    );
    return "from line " + std::to_string(wanted_begin - wanted.begin() + 1) + ":\n" +
           marked(wanted_begin, wanted_end.base(), "- ") + marked(got_begin, got_end.base(), "+ ");
}

inline testing::AssertionResult same(const std::string& actual, const std::string& file)
{
    const std::string path = std::string(FIXTURES) + "/reports/" + file;
    if (std::getenv("UPDATE_GOLDEN"))
        std::ofstream(path, std::ios::binary) << actual;

    std::ifstream stream(path, std::ios::binary);
    if (!stream)
        return testing::AssertionFailure() << path << " cannot be read";
    const std::string expected(std::istreambuf_iterator<char>(stream), {});
    if (actual == expected)
        return testing::AssertionSuccess();
    return testing::AssertionFailure() << path << " differs " << difference(expected, actual);
}

} // namespace golden
