#pragma once

// --component-freshness: when a cluster is asked again though its Components are in memory.

namespace injector::webhook {

enum class Freshness {
  kAuto,    // when memory holds none of the namespace, may be behind, or lacks a required one
  kStrict,  // for each pod that asks for components
  kCached,  // never
};

}  // namespace injector::webhook
