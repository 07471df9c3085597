#include "webhook/cli/help_text.h"

namespace injector::webhook {
namespace {

constexpr std::string_view kProgram =
    R"(component-injector: sidecars for Dapr, and pluggable components in an order that works.

Usage: component-injector COMMAND [FLAGS]

Commands:
  serve     answer the API server: the mutating admission webhook
  review    answer one AdmissionReview from standard input
  inject    print manifests as the webhook would change them
  explain   say what would happen to each pod, and why
  check     ask a running webhook as the API server does
  wait      wait until component sockets answer (the init container)
  version   print the version

Examples:
  component-injector inject -f deployment.yaml --resources components/
  component-injector explain -f deployment.yaml --resources components/
  component-injector review --resources components/ < review.json

COMMAND --help says more on each. Started as `injector`, the program is `serve`.
)";

constexpr HelpText kServe = {
    R"(The mutating admission webhook: AdmissionReviews of pods come in over HTTPS, JSON patches go
out. Components come from the Kubernetes API, or with --resources from files, and are followed.)",
    R"(Examples:
  SIDECAR_IMAGE=ghcr.io/dapr/daprd:1.18.3 NAMESPACE=dapr-system DAPR_TRUST_ANCHORS_FILE=ca.crt \
    component-injector serve --resources deploy/examples \
    --serving-certificate-out serving.pem
  curl --cacert serving.pem -H 'Content-Type: application/json' \
    --data-binary @review.json https://localhost:4000/mutate

Variables (docs/configuration.md has all of them):
  SIDECAR_IMAGE             image of daprd; required
  NAMESPACE                 namespace of the control plane; required
  DAPR_TRUST_ANCHORS_FILE   certificates that sidecars trust, PEM
  ALLOWED_SERVICE_ACCOUNTS  who else may have sidecars: namespace:name patterns, by commas
  COMPONENT_WAIT_IMAGE      image of the wait container; empty: no pod waits
  COMPONENT_INJECTOR_<FLAG> any flag that Dapr's injector does not have, with _ for -

A single dash works as well as two. With port 0 the system chooses; the log says which.
Exit code: 0 after SIGTERM, SIGINT or SIGHUP, 1 when it cannot start, 2 for a wrong command line.
)"};

constexpr HelpText kReview = {
    R"(Reads one AdmissionReview from standard input and writes to standard output, byte for byte,
what the webhook would answer.)",
    R"(Examples:
  component-injector review --resources components/ < review.json
  component-injector review < review.json | jq -r '.response.patch | @base64d | fromjson'

The caller named in the review is not judged, unless --judge-caller says so. Flags and variables are
those of `serve`; SIDECAR_IMAGE and NAMESPACE have defaults here (ghcr.io/dapr/daprd:1.18.3 and
dapr-system).
Exit code: 0 when there is an answer, a denial too; 2 when there is none: standard error says why.
)"};

constexpr HelpText kInject = {
    R"(Prints manifests with every pod and pod template in them changed as the webhook would change
it; everything else passes unchanged. Components among them count like those of --resources or of
the cluster, and replace these.)",
    R"(Examples:
  component-injector inject -f deployment.yaml -f components.yaml | kubectl apply -f -
  kubectl get deployment orders -o yaml | component-injector inject -f - --resources components/
  component-injector inject -f deployment.yaml --component-placement container -o json
  component-injector inject -f deployment.yaml --from-cluster --context staging

Injecting twice is the same as injecting once. SIDECAR_IMAGE and NAMESPACE have defaults here
(ghcr.io/dapr/daprd:1.18.3 and dapr-system); the other variables are those of `serve`.
Exit code: 0 done; 1 a pod would be denied or lacks something that it asked for; 2 unreadable input
or cluster.
)"};

constexpr HelpText kExplain = {
    R"(Says for every pod and pod template what the webhook would do and why: a line for each
Component and container, with a reason that docs/reasons.md explains.)",
    R"(Examples:
  component-injector explain -f deployment.yaml --resources components/
  component-injector explain -f deployment.yaml -f components.yaml -o json
  kubectl get deployments -A -o json | component-injector explain -f - --from-cluster

Exit code: 0 all is given; 1 something was asked for and is not given; 2 unreadable input
or cluster.
)"};

constexpr HelpText kCheck = {
    R"(Asks a running webhook as the API server does: sends reviews of a pod that wants a sidecar,
through the webhook's Service, trusting the caBundle of its configuration. Nothing is created.)",
    R"(Examples:
  component-injector check --webhook component-injector --times 6
  component-injector check --url https://localhost:4000/mutate --ca-file serving.pem

In a pod of the cluster --webhook needs the verb get on that MutatingWebhookConfiguration.
Exit code: 0 every answer injects daprd; 1 one does not; 2 the configuration or a file cannot be
read: standard error says why.
)"};

constexpr HelpText kWait = {
    R"(Waits until every expected socket in a folder answers and no other socket there is dead.
The injector writes this command into pods, ahead of daprd, which looks for sockets once.)",
    R"(Examples:
  component-injector wait --folder /tmp/dapr-components-sockets --socket redis --socket kafka
  component-injector wait --folder /sockets --timeout 30s --expect '[{"socket":"redis"}]'

Exit code: 0 all answer; 1 one is missing or dead at the time-out: standard error says which.
)"};

constexpr HelpText kVersion = {"Prints the version, then what the program was built with.", ""};

}  // namespace

HelpText HelpOf(Command command) {
  switch (command) {
    case Command::kServe:
      return kServe;
    case Command::kReview:
      return kReview;
    case Command::kInject:
      return kInject;
    case Command::kExplain:
      return kExplain;
    case Command::kCheck:
      return kCheck;
    case Command::kWait:
      return kWait;
    case Command::kVersion:
      return kVersion;
  }
  return {};
}

std::string_view HelpOfProgram() {
  return kProgram;
}

}  // namespace injector::webhook
