#pragma once

#include "base/clock.h"

#include <cstddef>

namespace hotplug::server {

/// What clients may cost the server. Per connection unless it says otherwise.
struct Limits {
    /// Bytes of the request line and the header fields together; more is answered with 431.
    std::size_t maxHeader = 16 * 1024;
    /// Bytes of the body without chunk framing; more is answered with 413.
    std::size_t maxBody = 1024 * 1024;
    /// Connections of the whole server; one more is answered with 503 and closed. So is one of a user who holds as many
    /// as are still free: nobody gets more than half, root included, and however many users hoard them others get in.
    /// That half is below the 512 changing calls that may wait at once, so one user cannot take all of those either.
    std::size_t maxConnections = 600;
    /// Connections of the whole server that may be receiving their 503; further ones are closed unanswered.
    std::size_t maxTurnedAway = 64;

    /// Until the first byte of the next request; then closed without a word.
    milliseconds idleDeadline{120'000};
    /// From the first byte of a request to the end of its header; then closed without a word.
    milliseconds headerDeadline{10'000};
    /// From the end of the header to the end of the body; then closed without a word.
    milliseconds bodyDeadline{30'000};
    /// For the client to take the whole reply; then closed.
    milliseconds writeDeadline{30'000};
    /// How long a client is listened to after the last reply of its connection, so that it finds the reply
    /// rather than a broken pipe.
    milliseconds lingerDeadline{2'000};
    /// How long nothing is accepted after accepting failed, e.g. for want of file descriptors.
    milliseconds acceptPause{100};
};

} // namespace hotplug::server
