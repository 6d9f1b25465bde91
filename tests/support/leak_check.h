#pragma once

#include <string>
#include <sys/types.h>
#include <vector>

namespace hotplug::test {

/// Fails the running test from a destructor, where nothing may be thrown.
void failFromDestructor(const std::string& what) noexcept;

/// Processes with this text in their command line, but ourselves and the shell that cleans up after us.
std::vector<pid_t> processesOf(const std::string& text);

/// What tests have left behind in this run, test by test; empty: nothing. A listener collects it (main.cpp).
std::vector<std::string>& leftBehind();

/// What is there now of processes, bridges and files of this run.
std::vector<std::string> leftovers();

} // namespace hotplug::test
