// Where a report goes: standard output, or a file that is replaced in one step; and where complaints go.
#pragma once

#include <string>
#include <string_view>

namespace command
{

/// Opened before the run, so that a place that cannot be written to is known before anything is probed.
class Output
{
public:
    /// `path`: a file; empty: standard output. A regular file is written beside its place and renamed into
    /// it, so that a reader sees the old one or the new one, whole; anything else (a device, a pipe) is
    /// written to as it is. Throws std::invalid_argument, one line that names the file and what to do, which
    /// is to give another with `option`.
    explicit Output(const std::string& path, std::string_view option = "-o");
    Output(const Output&) = delete;

    /// Leaves no trace of a file that was not finished.
    ~Output();

    /// Writes all of it and closes; once. A reader that closed its pipe is no fault. Throws
    /// std::invalid_argument for any other, as of a full disk.
    void write(std::string_view text);

    /// Writes what comes before that, where all of it would be too much to hold. False where its reader
    /// closed the pipe, and wants no more.
    bool write_part(std::string_view text) { return put(text); }

private:
    void open_beside();
    bool put(std::string_view text) const;
    [[noreturn]] void refuse(int error) const;

    std::string_view option_;
    std::string path_;   // links resolved; empty: standard output
    std::string beside_; // the temporary file; empty where there is none
    int descriptor_ = 1;
};

/// "cannot write to 'FILE': why": an empty path is standard output, `error` that of the system.
std::string cannot_write(const std::string& path, int error);

/// Also of files that are not there yet; an empty path is none.
bool is_same_place(const std::string& one, const std::string& other);

/// Throws std::invalid_argument, one line, where `output` would replace `file`: `what` says what that is to
/// the run.
void keep_apart(const std::string& output, const std::string& file, std::string_view what);

/// A line to standard error: what, with which value, and what to do.
void complain(std::string_view line);

} // namespace command
