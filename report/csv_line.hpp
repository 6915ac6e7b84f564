// A line of a CSV file (RFC 4180), cell by cell.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>

namespace report
{

class CsvLine
{
public:
    /// Of our own making: a number, a word.
    void add(std::string_view text);

    /// From elsewhere, shown safely already: quoted where it must be (RFC 4180 §2), and never a formula: the
    /// =, +, - or @ at its front becomes \xNN.
    void add_foreign(std::string text);

    void add_nothing(std::size_t cells);

    /// All of it, ending in CRLF.
    std::string ended() const { return line_ + "\r\n"; }

private:
    std::string line_;
    bool begun_ = false;
};

} // namespace report
