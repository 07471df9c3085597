#include "webhook/ca_bundle.h"

#include <algorithm>
#include <optional>
#include <utility>

#include "webhook/certificate.h"
#include "webhook/own_certificate.h"

namespace injector::webhook {
namespace {

constexpr std::string_view kBegin = "-----BEGIN ";
constexpr std::string_view kEnd = "-----END ";
constexpr std::string_view kDashes = "-----";

struct Leaf {
  std::string pem;
  CertificateFacts facts;
};

// A bundle taken apart.
struct Parts {
  std::vector<Leaf> own;
  std::string foreign;  // everything else, in order
  std::size_t foreign_blocks = 0;
};

std::size_t LineEnd(std::string_view text, std::size_t from) {
  const std::size_t end = text.find('\n', from);
  return end == std::string_view::npos ? text.size() : end + 1;
}

// The end of the block that begins at `begin`, its last line included; npos when another block
// begins before it has ended, or it never does.
std::size_t BlockEnd(std::string_view text, std::size_t begin) {
  const std::size_t end = text.find(kEnd, begin);
  const std::size_t next = text.find(kBegin, begin + kBegin.size());
  if (end == std::string_view::npos || next < end) return std::string_view::npos;
  const std::size_t dashes = text.find(kDashes, end + kEnd.size());
  return dashes == std::string_view::npos ? std::string_view::npos : LineEnd(text, dashes);
}

std::optional<Leaf> OwnLeaf(std::string_view block) {
  std::string pem(block);
  auto facts = DescribeCertificate(pem);
  if (!facts || !IsOwnCertificate(*facts)) return std::nullopt;
  if (pem.back() != '\n') pem += '\n';
  return Leaf{std::move(pem), *std::move(facts)};
}

Parts TakeApart(std::string_view text) {
  Parts parts;
  std::size_t at = 0;
  while (at < text.size()) {
    const std::size_t begin = std::min(text.find(kBegin, at), text.size());
    parts.foreign += text.substr(at, begin - at);
    if (begin == text.size()) break;
    const std::size_t end = BlockEnd(text, begin);
    if (end == std::string_view::npos) {  // an unfinished block: bytes like any other
      parts.foreign += text.substr(begin, kBegin.size());
      at = begin + kBegin.size();
      continue;
    }
    const std::string_view block = text.substr(begin, end - begin);
    if (auto leaf = OwnLeaf(block)) {
      parts.own.push_back(*std::move(leaf));
    } else {
      parts.foreign += block;
      ++parts.foreign_blocks;
    }
    at = end;
  }
  return parts;
}

std::vector<Leaf> LeavesOf(const std::vector<std::string>& texts) {
  std::vector<Leaf> leaves;
  for (const std::string& text : texts) {
    if (auto leaf = OwnLeaf(text)) leaves.push_back(*std::move(leaf));
  }
  return leaves;
}

bool Holds(const std::vector<Leaf>& leaves, const Leaf& wanted) {
  return std::any_of(leaves.begin(), leaves.end(), [&](const Leaf& leaf) {
    return leaf.facts.fingerprint == wanted.facts.fingerprint;
  });
}

// A wish, read.
struct Wanted {
  std::vector<Leaf> leaves;
  std::vector<Leaf> withdrawn;
  const std::string& superseded_pod;

  [[nodiscard]] bool IsSuperseded(const Leaf& leaf) const {
    if (superseded_pod.empty() || !IsOfPod(leaf.facts, superseded_pod)) return false;
    return std::any_of(leaves.begin(), leaves.end(), [&](const Leaf& mine) {
      return leaf.facts.not_before <= mine.facts.not_before;
    });
  }
};

std::vector<Leaf> Kept(std::vector<Leaf> own, const Wanted& wanted,
                       std::chrono::system_clock::time_point now) {
  std::vector<Leaf> kept;
  for (Leaf& leaf : own) {
    if (Holds(kept, leaf)) continue;
    const bool mine = Holds(wanted.leaves, leaf);
    const bool unwanted =
        leaf.facts.not_after <= now || Holds(wanted.withdrawn, leaf) || wanted.IsSuperseded(leaf);
    if (mine || !unwanted) kept.push_back(std::move(leaf));
  }
  for (const Leaf& leaf : wanted.leaves) {
    if (!Holds(kept, leaf)) kept.push_back(leaf);
  }
  return kept;
}

// Who came first goes, not who is oldest: a replica whose leaf went comes back at the end, behind
// the dead ones, so that each write uses up one leaf that was there before. With up to 64 leaves of
// living replicas all dead ones in excess are gone after 64 writes.
void Bound(std::vector<Leaf>& own, const Wanted& wanted) {
  while (own.size() > kMaxOwnLeaves) {
    const auto first = std::find_if(own.begin(), own.end(),
                                    [&](const Leaf& leaf) { return !Holds(wanted.leaves, leaf); });
    if (first == own.end()) return;
    own.erase(first);
  }
}

}  // namespace

Result<Bundle> UniteBundle(std::string_view current, const BundleWish& wish,
                           std::chrono::system_clock::time_point now) {
  const Wanted wanted{LeavesOf(wish.leaves), LeavesOf(wish.withdrawn), wish.superseded_pod};
  Parts parts = TakeApart(current);
  std::vector<Leaf> own = Kept(std::move(parts.own), wanted, now);
  Bound(own, wanted);
  Bundle bundle{{}, own.size(), parts.foreign_blocks};
  // Ours first: an unfinished block among the foreign bytes would swallow what follows it.
  for (const Leaf& leaf : own) bundle.pem += leaf.pem;
  bundle.pem += parts.foreign;
  const std::vector<Leaf> written = TakeApart(bundle.pem).own;
  const bool all = wanted.leaves.size() == wish.leaves.size() &&
                   std::all_of(wanted.leaves.begin(), wanted.leaves.end(),
                               [&](const Leaf& leaf) { return Holds(written, leaf); });
  if (!all) return Fail(ErrorKind::kInternal, "the caBundle that was made lacks our certificate");
  return bundle;
}

}  // namespace injector::webhook
