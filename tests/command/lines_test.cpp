#include "probe/command/lines.hpp"

#include <gmock/gmock.h>

#include <csignal>
#include <cstdlib>
#include <fcntl.h>
#include <filesystem>
#include <fstream>
#include <future>
#include <iterator>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

namespace
{

namespace fs = std::filesystem;
using namespace std::chrono_literals;
using command::LineSink;
using command::LineSource;
using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;
using testing::ThrowsMessage;

constexpr auto patience = 20s;

class Files : public testing::Test
{
protected:
    void SetUp() override
    {
        auto pattern = (fs::temp_directory_path() / "mxtls-lines-XXXXXX").string();
        folder_ = ::mkdtemp(pattern.data());
    }

    void TearDown() override { fs::remove_all(folder_); }

    std::string path(const std::string& name) const { return folder_ / name; }

    std::string file(const std::string& content) const
    {
        std::ofstream(path("input"), std::ios::binary) << content;
        return path("input");
    }

    static std::string content(const std::string& name)
    {
        std::ifstream file(name, std::ios::binary);
        return {std::istreambuf_iterator<char>(file), {}};
    }

    /// A pipe with a name, and whoever is at its other end.
    class Pipe
    {
    public:
        explicit Pipe(const std::string& path) : path_(path)
        {
            if (::mkfifo(path.c_str(), 0600) != 0)
                throw std::runtime_error("no pipe");
            descriptor_ = ::open(path.c_str(), O_RDWR | O_NONBLOCK | O_CLOEXEC);
        }
        ~Pipe() { close(); }
        Pipe(Pipe&&) = delete;

        void write(std::string_view text) const
        {
            EXPECT_EQ(::write(descriptor_, text.data(), text.size()), std::ssize(text));
        }

        /// What is in it, at most that much.
        std::string read(std::size_t most) const
        {
            std::string text(most, '\0');
            const auto got = ::read(descriptor_, text.data(), text.size());
            text.resize(got > 0 ? static_cast<std::size_t>(got) : 0);
            return text;
        }

        void close()
        {
            if (descriptor_ >= 0)
                ::close(std::exchange(descriptor_, -1));
        }

        const std::string& path() const { return path_; }

    private:
        std::string path_;
        int descriptor_ = -1;
    };

    fs::path folder_;
};

std::vector<std::string> all(LineSource& source)
{
    std::vector<std::string> targets;
    while (const auto task = source.next())
        targets.push_back(task->target);
    return targets;
}

/// What a file of this content has for targets.
class LineSourceOf : public Files
{
protected:
    std::vector<std::string> targets(const std::string& content)
    {
        LineSource source(file(content));
        return all(source);
    }
};

TEST_F(LineSourceOf, GivesALineAsATarget)
{
    EXPECT_THAT(targets("a.test\nb.test\n"), ElementsAre("a.test", "b.test"));
    EXPECT_THAT(targets("a.test\nb.test"), ElementsAre("a.test", "b.test"));
    EXPECT_THAT(targets("a.test\r\nb.test\r\n"), ElementsAre("a.test", "b.test"));
    EXPECT_THAT(targets(""), IsEmpty());
    EXPECT_THAT(targets("\n"), IsEmpty());
}

TEST_F(LineSourceOf, PassesOverBlankLinesAndComments)
{
    EXPECT_THAT(
        targets("# partners\n\n  a.test\t\n \t\r\n\v\f\n   # b.test\n#\nc.test # not "
                "d.test\ne.test\t#\nf@f.test#\n"),
        ElementsAre("a.test", "c.test", "e.test", "f@f.test#")
    );
}

TEST_F(LineSourceOf, ACommentIsNotSoughtWhereALocalPartMayBeQuoted)
{
    EXPECT_THAT(targets("\"a # b\"@c.test # d\n"), ElementsAre("\"a # b\"@c.test # d"));
}

TEST_F(LineSourceOf, PassesOverAByteOrderMark)
{
    EXPECT_THAT(
        targets("\xef\xbb\xbf"
                "a.test\n\xef\xbb\xbf"
                "b.test\n"),
        ElementsAre(
            "a.test", "\xef\xbb\xbf"
                      "b.test"
        )
    );
    EXPECT_THAT(targets("\xef\xbb\xbf# partners\na.test"), ElementsAre("a.test"));
    EXPECT_THAT(targets("\xef\xbb\xbf  a.test  "), ElementsAre("a.test"));
    EXPECT_THAT(targets("\xef\xbb\xbf \t# partners\na.test"), ElementsAre("a.test"));
    EXPECT_THAT(targets("\xef\xbb\xbf"), IsEmpty());
    EXPECT_THAT(targets("\xef\xbb\xbf\r\n\r\na.test\r\n"), ElementsAre("a.test"));
}

TEST_F(LineSourceOf, GivesWhatIsNoTextAsItIs)
{
    const std::string binary("a\0b\x01\xff\xfe", 6);
    EXPECT_THAT(targets(binary + "\nc.test\n"), ElementsAre(binary, "c.test"));
    EXPECT_THAT(
        targets(std::string("\0\0\0\n\0", 5)), ElementsAre(std::string(3, '\0'), std::string(1, '\0'))
    );
}

TEST_F(LineSourceOf, CutsALineThatIsTooLongAndGoesOnBehindIt)
{
    const std::string longest(command::max_line, 'a');
    EXPECT_THAT(targets(longest + "\nb.test\n"), ElementsAre(longest, "b.test"));
    EXPECT_THAT(targets(longest + "a\nb.test\n"), ElementsAre(longest, "b.test"));
    const std::string endless(1'000'000, 'a');
    EXPECT_THAT(targets(endless + "\nb.test\n" + endless), ElementsAre(longest, "b.test", longest));
}

TEST_F(LineSourceOf, KeepsLinesTogetherWhereverAReadEnds)
{
    constexpr std::size_t chunk = 65'536;
    for (const std::size_t before : {chunk - 3, chunk - 2, chunk - 1, chunk, chunk + 1}) {
        const auto blank = std::string(before, '\n');
        EXPECT_THAT(targets(blank + "ab\r\ncd\n"), ElementsAre("ab", "cd")) << before;
    }
}

TEST_F(Files, TheSourceKnowsHowFarAFileIsRead)
{
    LineSource source(file(std::string(200'000, '#') + "\na.test\nb.test\n"));
    EXPECT_EQ(source.share_read(), 0.0);
    EXPECT_EQ(source.next()->target, "a.test");
    EXPECT_GT(source.share_read().value(), 0.9);
    EXPECT_EQ(source.next()->target, "b.test");
    EXPECT_FALSE(source.next());
    EXPECT_EQ(source.share_read(), 1.0);
}

TEST_F(Files, OfAFileThatGrowsNoMoreThanAllIsRead)
{
    LineSource source(file("a.test\n"));
    std::ofstream(path("input"), std::ios::app) << "b.test\n";
    EXPECT_THAT(all(source), ElementsAre("a.test", "b.test"));
    EXPECT_EQ(source.share_read(), 1.0);
}

TEST_F(Files, WhatCannotBeReadIsRefusedInALine)
{
    const auto refusal = [](const std::string& path) { return [path] { LineSource source(path); }; };
    EXPECT_THAT(
        refusal(path("missing")),
        ThrowsMessage<std::invalid_argument>(
            "cannot open '" + path("missing") +
            "': No such file or directory; give a file with a target a line, or - for standard input"
        )
    );
    EXPECT_THAT(refusal(folder_), ThrowsMessage<std::invalid_argument>(HasSubstr("Is a directory")));
    EXPECT_THAT(
        refusal(path("new\nline\x1b")), ThrowsMessage<std::invalid_argument>(HasSubstr("new\\x0aline\\x1b"))
    );
}

TEST_F(Files, APipeIsReadAsItIsWritten)
{
    Pipe pipe(path("pipe"));
    LineSource source(pipe.path());
    EXPECT_FALSE(source.share_read());
    pipe.write("a.test\nb.te");
    EXPECT_EQ(source.next()->target, "a.test");
    auto second = std::async(std::launch::async, [&] { return source.next(); });
    EXPECT_EQ(second.wait_for(30ms), std::future_status::timeout);
    pipe.write("st\nc.test");
    EXPECT_EQ(second.get()->target, "b.test");
    pipe.close();
    EXPECT_EQ(source.next()->target, "c.test");
    EXPECT_FALSE(source.next());
    EXPECT_FALSE(source.next());
    EXPECT_FALSE(source.share_read());
}

TEST_F(Files, StopEndsAWaitForAPipe)
{
    Pipe pipe(path("pipe"));
    LineSource source(pipe.path());
    pipe.write("half a li");
    auto line = std::async(std::launch::async, [&] { return source.next(); });
    EXPECT_EQ(line.wait_for(30ms), std::future_status::timeout);
    source.stop();
    source.stop();
    ASSERT_EQ(line.wait_for(patience), std::future_status::ready);
    EXPECT_FALSE(line.get());
    pipe.write("ne\n");
    EXPECT_FALSE(source.next());
}

TEST_F(Files, StoppedTheSourceGivesNoMoreOfWhatItHasRead)
{
    LineSource source(file("a.test\nb.test\n"));
    EXPECT_TRUE(source.next());
    source.stop();
    EXPECT_FALSE(source.next());
}

std::vector<scan::Result> results(const std::vector<std::string>& texts)
{
    std::vector<scan::Result> batch;
    for (const auto& text : texts)
        batch.push_back({{}, {}, text});
    return batch;
}

class Sink : public Files
{
protected:
    std::string output() const { return path("output"); }

    std::string content() const { return Files::content(output()); }

    void write(const std::string& text) const { std::ofstream(output(), std::ios::binary) << text; }
};

TEST_F(Sink, WritesResultsBehindTheHead)
{
    write("of yesterday\n");
    {
        LineSink sink(output(), 0, "head\n");
        EXPECT_EQ(content(), "head\n");
        sink.put(results({"a\n", "b\n"}));
        EXPECT_EQ(content(), "head\na\nb\n");
        sink.put(results({"", "c\n"}));
        sink.put({});
    }
    EXPECT_EQ(content(), "head\na\nb\nc\n");
}

TEST_F(Sink, GoesOnBehindWhatIsThere)
{
    write("head\na\n");
    LineSink sink(output(), 7, "head\n");
    sink.put(results({"b\n"}));
    EXPECT_EQ(content(), "head\na\nb\n");
}

TEST_F(Sink, KeepsNoMoreThanItIsTold)
{
    write("head\na\nhalf a li");
    LineSink sink(output(), 7, "head\n");
    EXPECT_EQ(content(), "head\na\n");
    sink.put(results({"b\n"}));
    EXPECT_EQ(content(), "head\na\nb\n");
}

TEST_F(Sink, AFileThatIsShorterThanWhatIsKeptStaysAsItIs)
{
    write("head\na\n");
    LineSink sink(output(), 100, "head\n");
    sink.put(results({"b\n"}));
    EXPECT_EQ(content(), "head\na\nb\n");
}

TEST_F(Sink, AFileOfWhichNothingIsKeptGetsAHead)
{
    for (const auto* const text : {"", "half a li"}) {
        write(text);
        LineSink sink(output(), 0, "head\n");
        EXPECT_EQ(content(), "head\n");
    }
    fs::remove(output());
    LineSink sink(output(), 0, "head\n");
    EXPECT_EQ(content(), "head\n");
}

TEST_F(Sink, WhatCannotBeWrittenIsRefusedInALine)
{
    const auto refusal = [](const std::string& path) { return [path] { LineSink sink(path, 0, ""); }; };
    EXPECT_THAT(
        refusal(path("missing/output")), ThrowsMessage<std::invalid_argument>(
                                             "cannot open '" + path("missing/output") +
                                             "': No such file or directory; give a writable file with -o"
                                         )
    );
    EXPECT_THAT(refusal(folder_), ThrowsMessage<std::invalid_argument>(HasSubstr("Is a directory")));
}

TEST_F(Sink, AFullDeviceIsTold)
{
    LineSink sink("/dev/full", 0, "");
    EXPECT_THAT(
        [&] { sink.put(results({"a\n"})); },
        ThrowsMessage<std::runtime_error>("cannot write to '/dev/full': No space left on device")
    );
}

/// The status of a child process in which no file may grow above the limit.
template <class Work>
int with_file_limit(rlim_t octets, Work work)
{
    const auto child = ::fork();
    if (child == 0) {
        std::signal(SIGXFSZ, SIG_IGN);
        const rlimit limit{octets, octets};
        ::setrlimit(RLIMIT_FSIZE, &limit);
        ::_exit(work() ? 0 : 1);
    }
    int status = 0;
    ::waitpid(child, &status, 0);
    return status;
}

/// Whether the sink says how to go on from there.
bool tells_of_a_full_disk(LineSink& sink, const std::vector<std::string>& texts)
{
    try {
        sink.put(results(texts));
    } catch (const std::runtime_error& fault) {
        return std::string_view(fault.what()).ends_with("make room, and go on with --resume");
    }
    return false;
}

TEST_F(Sink, OnAFullDiskStandWholeResultsOnly)
{
    const std::vector<std::string> texts{"first\n", "second\n", "third\n"};
    for (rlim_t room = 1; room < 19; ++room) {
        EXPECT_EQ(
            with_file_limit(
                room,
                [&] {
                    LineSink sink(output(), 0, "");
                    return tells_of_a_full_disk(sink, texts);
                }
            ),
            0
        ) << room;
        EXPECT_EQ(content(), room < 6 ? "" : room < 13 ? "first\n" : "first\nsecond\n") << room;
    }
}

TEST_F(Sink, OnAFullDiskAResultOfSeveralLinesIsThereWholeOrNotAtAll)
{
    for (rlim_t room = 4; room < 12; ++room) {
        EXPECT_EQ(
            with_file_limit(
                room,
                [&] {
                    LineSink sink(output(), 0, "");
                    return tells_of_a_full_disk(sink, {"a1\n", "b1\nb2\nb3\n"});
                }
            ),
            0
        ) << room;
        EXPECT_EQ(content(), "a1\n") << room;
    }
}

TEST_F(Sink, OnAFullDiskWhatWasThereBeforeStays)
{
    write("head\na\nhalf");
    EXPECT_EQ(
        with_file_limit(
            10,
            [&] {
                LineSink sink(output(), 7, "head\n");
                return tells_of_a_full_disk(sink, {"result\n"});
            }
        ),
        0
    );
    EXPECT_EQ(content(), "head\na\n");
}

TEST_F(Sink, OfABatchLargerThanAWriteNoResultIsHalf)
{
    std::vector<std::string> texts;
    for (int number = 0; number < 40; ++number)
        texts.push_back(std::string(static_cast<std::size_t>(5000 + number), 'x') + "\n");
    for (const rlim_t room : {65'536, 70'000, 131'072, 180'000}) {
        EXPECT_EQ(
            with_file_limit(
                room,
                [&] {
                    LineSink sink(output(), 0, "");
                    return tells_of_a_full_disk(sink, texts);
                }
            ),
            0
        ) << room;
        std::string expected;
        for (auto text = texts.begin(); expected.size() + text->size() <= room; ++text)
            expected += *text;
        EXPECT_TRUE(content() == expected) << content().size() << " of " << room;
    }
}

TEST_F(Sink, AReaderThatGoesIsNoFault)
{
    std::signal(SIGPIPE, SIG_IGN); // as the program does
    Pipe pipe(path("pipe"));
    const int reader = ::open(pipe.path().c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    LineSink sink(pipe.path(), 0, "");
    sink.put(results({"a\n"}));
    pipe.close();
    ::close(reader);
    EXPECT_THROW(sink.put(results({"b\n"})), scan::ReaderGone);
}

TEST_F(Sink, AReaderThatStallsIsWaitedForAndGetsAll)
{
    Pipe pipe(path("pipe"));
    LineSink sink(pipe.path(), 0, "");
    const std::string text = std::string(9999, 'x') + "\n";
    const std::vector<std::string> texts(50, text);
    auto put = std::async(std::launch::async, [&] { sink.put(results(texts)); });
    EXPECT_EQ(put.wait_for(50ms), std::future_status::timeout);
    std::string all;
    const auto deadline = std::chrono::steady_clock::now() + patience;
    while (all.size() < texts.size() * text.size() && std::chrono::steady_clock::now() < deadline)
        all += pipe.read(4000);
    put.get();
    std::string expected;
    for (const auto& one : texts)
        expected += one;
    EXPECT_TRUE(all == expected);
}

TEST_F(Sink, StopEndsTheWaitForAReaderThatStalls)
{
    Pipe pipe(path("pipe"));
    LineSink sink(pipe.path(), 0, "");
    auto put = std::async(std::launch::async, [&] { sink.put(results({std::string(1'000'000, 'x')})); });
    EXPECT_EQ(put.wait_for(50ms), std::future_status::timeout);
    sink.stop();
    sink.stop();
    ASSERT_EQ(put.wait_for(patience), std::future_status::ready);
    EXPECT_THAT([&] { put.get(); }, ThrowsMessage<std::runtime_error>(HasSubstr("nobody reads")));
}

} // namespace
