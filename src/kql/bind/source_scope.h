// SPDX-License-Identifier: Apache-2.0
// Switches the text that places refer to while a captured expression is bound. One thread.
#pragma once

#include "kql/bind/binder.h"

namespace garrison::kql {

class SourceScope {
 public:
  SourceScope(Binder& binder, const SourceText* source, const syntax::Span& call_site)
      : binder_(binder), previous_(binder.source_) {
    binder.call_sites_.emplace_back(previous_, previous_ == nullptr ? Position{1, 1}
                                                                    : previous_->lines.position(call_site.begin));
    binder.source_ = source;
  }
  ~SourceScope() {
    binder_.source_ = previous_;
    binder_.call_sites_.pop_back();
  }
  SourceScope(const SourceScope&) = delete;
  SourceScope& operator=(const SourceScope&) = delete;

 private:
  Binder& binder_;
  const SourceText* previous_;
};

}  // namespace garrison::kql
