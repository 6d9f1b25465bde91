#include "wire/jsonrpc/catalogue.h"
#include "wire/jsonrpc/shield.h"

#include <cstdint>
#include <string>

/// A request's bytes on their way to a verb: shield, parser, then the verb's schema. RpcError and InvalidParams are the
/// answers to what is wrong; anything else that is thrown, or a memory error, is a finding.

using namespace hotplug::wire;

namespace {

void checkAsVerb(const Catalogue& catalogue, const Json::Value& request)
{
    if (!request.isObject() || !request["method"].isString())
        return;
    const auto method = request["method"].asString();
    for (const auto& verb : catalogue.verbs())
        if (method == verb.name() || method == verb.engineName()) {
            auto params = request["params"];
            verb.checkLeniently(params);
            verb.check(params);
        }
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size)
{
    static const Catalogue catalogue;
    try {
        const auto request = parseShielded(std::string(reinterpret_cast<const char*>(data), size));
        catalogue.engineRequest().problemsOf(request);
        checkAsVerb(catalogue, request);
    } catch (const RpcError&) {
    } catch (const InvalidParams& invalid) {
        invalid.toError();
    }
    return 0;
}
