// SPDX-License-Identifier: MIT
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include "facesearch/service/batch.hpp"
#include "facesearch/service/batch_fault.hpp"
#include "facesearch/service/gallery.hpp"

namespace facesearch::service {

void search_batch(Store& store, const Caller& caller, const std::vector<std::string>& collections,
                  const BatchWork& work,
                  const std::function<std::optional<BatchInput<SearchRequest>>()>& next,
                  const std::function<void(std::vector<BatchAnswer<SearchResult>>)>& answer) {
  require_batch(store, caller, collections);
  struct Found {
    SearchResult result;
    std::optional<Fault> fault;
  };
  using Flowing = Flow<BatchInput<SearchRequest>, Found>;
  Flowing flow(limits_of(work), next, work.cancel);
  flow.run(
      [&]() -> Flowing::Work {
        const std::shared_ptr<EngineCache> engines = work.engines();
        return [&, engines](BatchInput<SearchRequest>& input) {
          Found found;
          SearchRequest request;
          if (auto error = read_once(input, request)) {
            found.fault = Fault{*std::move(error)};
            return found;
          }
          const auto error = error_of([&] {
            require_same(request.collections() == collections);
            Context context{store, *engines, work.kernel};
            found.result = search(context, caller, request);
          });
          if (error) found.fault = Fault{*error, !is_of_one(*error)};
          return found;
        };
      },
      [&](std::vector<Flowing::Done> group) {
        std::vector<BatchAnswer<SearchResult>> answers;
        for (Flowing::Done& done : group) {
          if (done.out.fault && done.out.fault->ends) throw Error(done.out.fault->error);
          answers.push_back({std::move(done.in.input), std::move(done.out.result)});
          if (done.out.fault) answers.back().outcome = std::move(done.out.fault->error);
        }
        answer(std::move(answers));
      });
}

}  // namespace facesearch::service
