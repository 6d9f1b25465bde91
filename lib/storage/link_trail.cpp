#include "storage/link_trail.h"

#include "storage/image_name.h"

#include <array>
#include <cerrno>
#include <climits>
#include <optional>
#include <sys/stat.h>
#include <unistd.h>

namespace hotplug {

namespace {

constexpr int maxLinks = 40;                    // the kernel's own limit

/// Cuts the first part off. A slash at the very end leaves `.`, for it demands a directory.
std::string takeFirst(std::string& rest)
{
    const auto slash = rest.find('/');
    auto part = rest.substr(0, slash);
    if (slash == std::string::npos)
        rest.clear();
    else
        rest = slash + 1 == rest.size() ? "." : rest.substr(slash + 1);
    return part;
}

bool isDot(const std::string& part)
{
    return part.empty() || part == ".";
}

/// `resolved` with `rest` behind it; empty when `..` stands behind a part that may be a link.
std::optional<std::string> plainName(std::string resolved, std::string rest)
{
    for (bool named = false; !rest.empty();) {
        const auto part = takeFirst(rest);
        if (isDot(part))
            continue;
        if (part == ".." && named)
            return std::nullopt;
        if (part == "..") {
            resolved.resize(resolved.empty() ? 0 : resolved.rfind('/'));
            continue;
        }
        resolved += '/' + part;
        named = true;
    }
    return resolved.empty() ? "/" : resolved;
}

class Follower {
public:
    Follower(const std::string& path, std::string_view within) : within_(within), rest_(path.substr(1)) {}

    Trail run()
    {
        note();
        while (trail_.error == 0 && !rest_.empty())
            step(takeFirst(rest_));
        if (resolved_.empty())
            resolved_ = "/";
        if (trail_.error == 0 && (trail_.names.empty() || trail_.names.back() != resolved_))
            trail_.names.push_back(resolved_);
        trail_.resolved = std::move(resolved_);
        return std::move(trail_);
    }

private:
    void note()
    {
        if (auto name = plainName(resolved_, rest_))
            trail_.names.push_back(*std::move(name));
    }

    void step(const std::string& part)
    {
        if (isDot(part) || part == "..") {
            if (struct stat status{}; ::lstat((resolved_ + "/.").c_str(), &status) != 0)
                trail_.error = errno;
            else if (part == "..")
                resolved_.resize(resolved_.empty() ? 0 : resolved_.rfind('/'));
            return;
        }
        enter(resolved_ + '/' + part);
    }

    void enter(std::string place)
    {
        struct stat status{};
        if (place != within_ && !isBelow(place, within_) && !isBelow(within_, place))
            trail_.error = EXDEV;
        else if (::lstat(place.c_str(), &status) != 0)
            trail_.error = errno;
        const bool link = trail_.error == 0 && S_ISLNK(status.st_mode);
        if (link || !rest_.empty())
            trail_.ownedByRoot = trail_.ownedByRoot && status.st_uid == 0;
        if (link)
            followLink(place);
        else
            resolved_ = std::move(place);
    }

    void followLink(const std::string& link)
    {
        std::array<char, PATH_MAX> target{};
        const auto size = ::readlink(link.c_str(), target.data(), target.size());
        if (size < 0)
            trail_.error = errno == EINVAL ? EAGAIN : errno;        // it was a link a moment ago
        else if (++links_ > maxLinks)
            trail_.error = ELOOP;
        if (trail_.error != 0)
            return;
        const std::string text(target.data(), static_cast<std::size_t>(size));
        if (text.starts_with('/'))
            resolved_.clear();
        rest_ = rest_.empty() ? text : text + '/' + rest_;
        note();
    }

    Trail trail_;
    const std::string within_;
    std::string resolved_, rest_;               // `resolved_` is empty for the root itself
    int links_ = 0;
};

} // namespace

Trail follow(const std::string& path, std::string_view within)
{
    return Follower(path, within).run();
}

} // namespace hotplug
