# Habit's front door. The commands behind it: scripts/test.sh, CMake presets, ctest.
# A recipe's description is its comment after ##.
JOBS ?= 2
IMAGE ?= component-injector:0.1.0
FILES = $$(git ls-files -co --exclude-standard '*.h' '*.cc')

.DEFAULT_GOAL := help
.PHONY: help packages build test check golden golden-check asan tsan fuzz cover bench fmt fmt-check \
  tidy lint chart-test cluster-full soak manifests image prove-image demo run-local clean

help: ## What can be made
	@grep -hE '^[a-z-]+:.*## ' $(MAKEFILE_LIST) | sed -E 's/:.*## /\t/' | expand -t 16

packages: ## Install the distribution's packages that building and testing need
	scripts/install-packages.sh

build: ## Debug build, in build/dev
	cmake --preset dev
	cmake --build build/dev -j $(JOBS)

test: build ## Unit, golden and property tests of the debug build
	ctest --test-dir build/dev -j $(JOBS) --output-on-failure -L 'unit|golden|property'

check: ## What the continuous integration runs, in the same order
	CI=true scripts/test.sh

golden: build ## Rewrite the expectations in tests/fixtures; look at the diff
	UPDATE_GOLDEN=1 ctest --test-dir build/dev -j $(JOBS) --output-on-failure -L golden

golden-check: golden ## The expectations are what the code produces
	git diff --exit-code -- tests/fixtures

asan: ## All tests under AddressSanitizer and UndefinedBehaviorSanitizer
	scripts/test.sh asan

tsan: ## What runs on several threads, under ThreadSanitizer
	scripts/test.sh tsan

fuzz: ## Each fuzz target for 60 s, with sanitizers; longer: scripts/fuzz.sh --seconds N
	scripts/fuzz.sh --seconds 60

cover: ## Line coverage of the unit and golden tests, as text
	scripts/coverage.sh

bench: ## Measure everything (ten minutes); figures and plots go to docs/performance
	scripts/install-packages.sh --bench
	cmake --preset release
	cmake --build build/release -j $(JOBS) --target benchmarks
	bench/run.py

soak: ## Two replicas at half load for a quarter of an hour, through restarts and changes
	cmake --preset release
	cmake --build build/release -j $(JOBS) --target component-injector soak_client
	tests/soak/run.py

fmt: ## Format the C++ sources
	clang-format-14 -i $(FILES)

fmt-check: ## The C++ sources are formatted
	tests/lint/run.sh format

tidy: ## clang-tidy over the sources (minutes)
	scripts/tidy.sh

lint: ## Format, layering, limits, scripts, documents
	tests/lint/run.sh

chart-test: ## The Helm chart's tests
	scripts/test.sh chart

manifests: ## Render the chart into deploy/manifests
	scripts/render-manifests.sh

image: ## Build the image with docker; IMAGE=name:tag
	docker build --build-arg IMAGE=$(IMAGE) -t $(IMAGE) .

prove-image: ## Run the Dockerfile's steps and the image without a container engine (as root)
	scripts/prove_image.py

cluster-full: ## The long form of the cluster tests, with figures (as root)
	cmake --preset release
	cmake --build build/release -j $(JOBS) --target cluster_test_programs
	CLUSTER_FULL=1 CLUSTER_FIGURES=$(CURDIR)/build/cluster-figures.jsonl \
	  tests/e2e/cluster/run.sh discover -v

demo: ## See an admission happen
	scripts/demo.sh

run-local: build ## The webhook on deploy/examples, until Ctrl-C
	scripts/run_local.sh

clean: ## Remove everything built
	rm -rf build
