# shellcheck shell=bash
# For run and keep, which source it from the top of the tree.
source fixtures/packages.sh

all_names() {
    for file in tests/fuzz/*_fuzz.cpp; do
        basename "$file" _fuzz.cpp
    done
}

build_fuzzers() {
    mkdir -p build
    install_missing clang libclang-rt-14-dev
    fixtures/world/build fuzz fuzzers
}
