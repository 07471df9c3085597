#include "runtime/probe/bench_command.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <iomanip>
#include <mutex>
#include <thread>

#include "runtime/probe/call_command.h"
#include "runtime/probe/target.h"

namespace injector::runtime {
namespace {

using Clock = std::chrono::steady_clock;
using Microseconds = std::chrono::microseconds;
// One call; the number tells the calls of a caller apart.
using Call = std::function<Result<void>(std::size_t caller, std::size_t number)>;

struct Sample {
  std::vector<Microseconds> times;
  std::size_t failures = 0;
  std::string fault;  // the first failure's words
};

Call StateCall(std::shared_ptr<StateStore> store, const std::string& data) {
  return [store, data](std::size_t caller, std::size_t number) -> Result<void> {
    const std::string key = "bench||" + std::to_string(caller);
    if (number % 2 == 0) {
      pb::SetRequest request;
      request.set_key(key);
      request.set_value(data);
      request.mutable_options();
      return store->Set(request);
    }
    pb::GetRequest request;
    request.set_key(key);
    return Done(store->Get(request));
  };
}

Call PublishCall(std::shared_ptr<PubSub> pubsub, const std::string& data) {
  return [pubsub, data](std::size_t, std::size_t) {
    pb::PublishRequest request;
    request.set_topic("component-probe-bench");
    request.set_data(data);
    return pubsub->Publish(request);
  };
}

Call InvokeCall(std::shared_ptr<OutputBinding> binding, const std::string& data) {
  return [binding, data](std::size_t, std::size_t) -> Result<void> {
    const auto operations = binding->Operations();
    if (!operations) return tl::unexpected(operations.error());
    pb::InvokeRequest request;
    if (!operations->empty()) request.set_operation(operations->front());
    request.set_data(data);
    return Done(binding->Invoke(request));
  };
}

Call CallFor(InstanceSpec spec, const Arguments& arguments) {
  switch (spec.kind) {
    case Kind::kState:
      return StateCall(std::make_shared<StateStore>(std::move(spec)), arguments.data);
    case Kind::kPubSub:
      return PublishCall(std::make_shared<PubSub>(std::move(spec)), arguments.data);
    case Kind::kOutputBinding:
      return InvokeCall(std::make_shared<OutputBinding>(std::move(spec)), arguments.data);
    case Kind::kInputBinding: {
      auto binding = std::make_shared<InputBinding>(std::move(spec));
      return [binding](std::size_t, std::size_t) { return binding->Ping(); };
    }
    case Kind::kSecretStore:
      break;
  }
  auto store = std::make_shared<SecretStore>(std::move(spec));
  return [store, &arguments](std::size_t, std::size_t) {
    return Done(store->BulkGet(arguments.metadata));
  };
}

void Repeat(const Call& call, std::size_t caller, Clock::time_point end, Sample& sample) {
  for (std::size_t number = 0; Clock::now() < end; ++number) {
    const auto begin = Clock::now();
    const auto done = call(caller, number);
    sample.times.push_back(std::chrono::duration_cast<Microseconds>(Clock::now() - begin));
    if (done) continue;
    ++sample.failures;
    if (sample.fault.empty()) sample.fault = done.error().message;
  }
}

Sample Joined(std::vector<Sample>& samples) {
  Sample all;
  for (Sample& sample : samples) {
    all.times.insert(all.times.end(), sample.times.begin(), sample.times.end());
    all.failures += sample.failures;
    if (all.fault.empty()) all.fault = sample.fault;
  }
  std::sort(all.times.begin(), all.times.end());
  return all;
}

double Milliseconds(const Sample& sample, double share) {
  if (sample.times.empty()) return 0;
  const auto last = static_cast<double>(sample.times.size() - 1);
  const auto index = static_cast<std::size_t>(std::lround(share * last));
  return static_cast<double>(sample.times[index].count()) / 1000;
}

void Print(const Sample& sample, double seconds, const Arguments& arguments, const Screen& screen) {
  constexpr double kMedian = 0.5;
  constexpr double kTail = 0.99;
  const double rate = static_cast<double>(sample.times.size()) / seconds;
  if (screen.json) {
    nlohmann::ordered_json value;
    value["component"] = arguments.name;
    value["kind"] = NamesOf(arguments.kind).name;
    value["callers"] = arguments.callers;
    value["calls"] = sample.times.size();
    value["failures"] = sample.failures;
    value["callsPerSecond"] = std::round(rate);
    value["p50Milliseconds"] = Milliseconds(sample, kMedian);
    value["p99Milliseconds"] = Milliseconds(sample, kTail);
    value["maxMilliseconds"] = Milliseconds(sample, 1);
    return screen.Line(value);
  }
  screen.out << sample.times.size() << " calls by " << arguments.callers << " callers, "
             << sample.failures << " failed\n"
             << std::fixed << std::setprecision(0) << rate << " calls/s, latency "
             << std::setprecision(3) << Milliseconds(sample, kMedian) << " ms median, "
             << Milliseconds(sample, kTail) << " ms at 99 %, " << Milliseconds(sample, 1)
             << " ms at most\n"
             << std::flush;
}

}  // namespace

int RunBench(const Arguments& arguments, const Screen& screen) {
  auto target = FindTarget(arguments, arguments.kind);
  if (!target) return SayError(target.error(), screen);
  const Call call = CallFor(std::move(target->spec), arguments);
  // The first call connects and initialises: it is not measured.
  const auto first = call(0, 0);
  if (!first) return SayError(first.error(), screen);
  screen.Progress("calling for " + std::to_string(arguments.duration.count()) + " ms");
  std::vector<Sample> samples(arguments.callers);
  std::vector<std::thread> threads;
  const auto begin = Clock::now();
  for (std::size_t i = 0; i < arguments.callers; ++i)
    threads.emplace_back([&, i] { Repeat(call, i, begin + arguments.duration, samples[i]); });
  for (std::thread& thread : threads) thread.join();
  const std::chrono::duration<double> took = Clock::now() - begin;
  const Sample all = Joined(samples);
  screen.Progress("");
  Print(all, took.count(), arguments, screen);
  if (all.failures == 0) return kExitDone;
  screen.err << "component-probe: " << all.fault << '\n';
  return kExitFailed;
}

}  // namespace injector::runtime
