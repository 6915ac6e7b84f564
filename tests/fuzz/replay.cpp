// Feeds every file of the folders given to a fuzzer, so that what it once found stays tested where libFuzzer
// is not to be had.
#include "tests/fuzz/promise.hpp"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <vector>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace
{

void replay(const std::filesystem::path& file)
{
    std::ifstream in(file, std::ios::binary);
    fuzz::require(in.is_open(), file.c_str());
    const std::vector<char> octets((std::istreambuf_iterator<char>(in)), {});
    // In a block of its very size, so that ASan sees the first octet too many.
    const std::vector<std::uint8_t> input(octets.begin(), octets.end());
    std::printf("%s\n", file.c_str());
    std::fflush(stdout);
    LLVMFuzzerTestOneInput(input.data(), input.size());
}

} // namespace

int main(int count, char** folders)
{
    std::size_t files = 0;
    for (int i = 1; i < count; ++i) {
        for (const auto& entry : std::filesystem::directory_iterator(folders[i])) {
            replay(entry.path());
            ++files;
        }
    }
    fuzz::require(files > 0, "a corpus holds at least one file");
    std::printf("%zu inputs\n", files);
    return 0;
}
