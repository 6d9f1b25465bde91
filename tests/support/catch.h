#pragma once

// The one place that knows which Catch2 there is.
#include <catch2/catch.hpp>
