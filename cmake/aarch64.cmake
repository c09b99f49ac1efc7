# Builds for aarch64 on x86_64, with Debian's cross compiler, and runs what is built by QEMU. MS_AARCH64_ROOT is a
# folder that the -dev packages of arm64 were unpacked into. CONTRIBUTING.md says how.
set(CMAKE_SYSTEM_NAME Linux)
set(CMAKE_SYSTEM_PROCESSOR aarch64)
set(CMAKE_C_COMPILER aarch64-linux-gnu-gcc)
set(CMAKE_CXX_COMPILER aarch64-linux-gnu-g++)
set(CMAKE_CROSSCOMPILING_EMULATOR qemu-aarch64-static)
set(CMAKE_LIBRARY_ARCHITECTURE aarch64-linux-gnu)
set(CMAKE_LIBRARY_PATH $ENV{MS_AARCH64_ROOT}/usr/lib/aarch64-linux-gnu)
set(CMAKE_IGNORE_PATH /usr/lib/x86_64-linux-gnu)
set(CMAKE_CXX_FLAGS_INIT "-isystem $ENV{MS_AARCH64_ROOT}/usr/include/aarch64-linux-gnu")
