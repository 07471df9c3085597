{{/* What cannot work, told before anything is installed. */}}
{{- define "ci.checks" -}}
{{- with include "ci.unknownKeys" (dict "values" .Values "known" (.Files.Get "files/keys.json" | fromJson) "path" "") }}
{{- fail . }}
{{- end }}
{{- include "ci.checkValues" . }}
{{- include "ci.checkLabels" . }}
{{- if and .Values.controlPlane.checks (lookup "v1" "Namespace" "" "default") }}
{{- include "ci.checkControlPlane" . }}
{{- end }}
{{- end }}

{{/* What the schema cannot say: values that contradict one another. */}}
{{- define "ci.checkValues" -}}
{{- $cp := include "ci.controlPlaneNamespace" . }}
{{- if and (ne $cp .Release.Namespace) (not .Values.controlPlane.trustAnchors) (eq .Values.controlPlane.trustBundleConfigMap "dapr-trust-bundle") }}
{{- fail (printf "\ncontrolPlane.trustAnchors: the control plane is in namespace %s, and its ConfigMap dapr-trust-bundle cannot be mounted from namespace %s.\nGive its certificates as the value:\n  --set-file controlPlane.trustAnchors=<(kubectl -n %s get configmap dapr-trust-bundle -o jsonpath='{.data.ca\\.crt}')\nor install into namespace %s, or name a ConfigMap of this namespace that holds them under ca.crt as controlPlane.trustBundleConfigMap." $cp .Release.Namespace $cp $cp) }}
{{- end }}
{{- if and (eq .Values.webhook.failurePolicy "Fail") (not (include "ci.matchConditions" .)) }}
{{- fail (printf "\nwebhook.failurePolicy: Fail without matchConditions (this server is %s, they are known from 1.28; webhook.matchConditions is %s) would stop every pod of the cluster while no replica is ready.\nLeave it at auto, which is Ignore here." .Capabilities.KubeVersion.Version .Values.webhook.matchConditions) }}
{{- end }}
{{- if and (eq .Values.webhook.matchConditions "always") (semverCompare "<1.27.0-0" .Capabilities.KubeVersion.Version) }}
{{- fail (printf "\nwebhook.matchConditions: this server is %s, which does not know them (from 1.27, there behind a feature gate) and would drop them without a word.\nLeave it at auto." .Capabilities.KubeVersion.Version) }}
{{- end }}
{{- if and (eq .Values.certificate.source "files") (not .Values.certificate.secretName) }}
{{- fail "\ncertificate.secretName: with certificate.source=files the name of a Secret with tls.crt and tls.key is needed." }}
{{- end }}
{{- if and .Values.certificate.caBundle (ne .Values.certificate.source "files") }}
{{- fail (printf "\ncertificate.caBundle: is only for certificate.source=files; with %s the bundle is written by %s." .Values.certificate.source (ternary "the injector itself" "cert-manager" (eq .Values.certificate.source "own"))) }}
{{- end }}
{{- with .Values.certificate.certManager.issuerRef }}
{{- if not .name }}
{{- fail "\ncertificate.certManager.issuerRef.name: an issuer is named by it; leave issuerRef empty for a self-signed one." }}
{{- end }}
{{- end }}
{{- range .Values.namespaces }}
{{- if has . (append $.Values.webhook.excludedNamespaces $.Release.Namespace) }}
{{- fail (printf "\nnamespaces: %s is never served: it is the release's own, or in webhook.excludedNamespaces." .) }}
{{- end }}
{{- end }}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled }}
{{- fail "\nmetrics.podMonitor.enabled: with metrics.serviceMonitor.enabled everything would be scraped twice; enable one of them." }}
{{- end }}
{{- if and .Values.sidecar.reminders.serviceName (ne .Values.sidecar.reminders.serviceName "default") (not .Values.sidecar.reminders.serviceAddress) }}
{{- fail "\nsidecar.reminders.serviceAddress: is needed with sidecar.reminders.serviceName." }}
{{- end }}
{{- if and .Values.autoscaling.enabled (gt (int .Values.autoscaling.minReplicas) (int .Values.autoscaling.maxReplicas)) }}
{{- fail "\nautoscaling.minReplicas: is greater than autoscaling.maxReplicas." }}
{{- end }}
{{- $ports := dict }}
{{- range $name := list "webhook" "health" "metrics" }}
{{- $port := get $.Values.ports $name | int | toString }}
{{- if or (ne $name "metrics") $.Values.metrics.enabled }}
{{- if hasKey $ports $port }}
{{- fail (printf "\nports.%s: is %s, which is ports.%s; the container needs a port of its own for each." $name $port (get $ports $port)) }}
{{- end }}
{{- $_ := set $ports $port $name }}
{{- end }}
{{- end }}
{{- end }}

{{/* A label that is given twice makes an object that no server takes, or one that selects nothing. */}}
{{- define "ci.checkLabels" -}}
{{- $own := include "ci.ownLabels" . | fromYaml }}
{{- range $key, $_ := .Values.commonLabels }}
{{- if hasKey $own $key }}
{{- fail (printf "\ncommonLabels: %s is a label that the chart sets itself." $key) }}
{{- end }}
{{- end }}
{{- range $key, $_ := .Values.podLabels }}
{{- if or (hasKey $own $key) (hasKey $.Values.commonLabels $key) }}
{{- fail (printf "\npodLabels: %s is a label that the chart sets itself, or that commonLabels has." $key) }}
{{- end }}
{{- end }}
{{- end }}

{{/* Whether the program looks for Dapr's own injector at start, as ci.checkControlPlane does. */}}
{{- define "ci.seeksDaprInjector" -}}
{{- if and .Values.controlPlane.checks (not .Values.controlPlane.besideDaprInjector) (ne (include "ci.fullname" .) "dapr-sidecar-injector") }}true{{ end }}
{{- end }}

{{/* Needs a server to ask: `helm template` has none and says nothing; the program checks at start. */}}
{{- define "ci.checkControlPlane" -}}
{{- $cp := include "ci.controlPlaneNamespace" . }}
{{- if not (lookup "apps/v1" "Deployment" $cp "dapr-sentry") }}
{{- fail (printf "\ncontrolPlane.namespace: there is no Dapr control plane in namespace %s (no Deployment dapr-sentry).\nInstall Dapr first, with dapr_sidecar_injector.enabled=false, or name the namespace that it is in.\ncontrolPlane.checks=false leaves these checks out." $cp) }}
{{- end }}
{{- $other := lookup "admissionregistration.k8s.io/v1" "MutatingWebhookConfiguration" "" "dapr-sidecar-injector" }}
{{- if and $other (ne (include "ci.fullname" .) "dapr-sidecar-injector") (not .Values.controlPlane.besideDaprInjector) }}
{{- $release := dig "metadata" "annotations" "meta.helm.sh/release-name" "dapr" $other }}
{{- $namespace := dig "metadata" "annotations" "meta.helm.sh/release-namespace" $cp $other }}
{{- fail (printf "\ncontrolPlane: Dapr's own injector is enabled (MutatingWebhookConfiguration dapr-sidecar-injector).\nDisable it:\n  helm upgrade %s dapr/dapr -n %s --reuse-values --set dapr_sidecar_injector.enabled=false\nTo take over without losing a pod, first install with controlPlane.besideDaprInjector=true and webhook.failurePolicy=Ignore: the order of steps is in docs/install.md." $release $namespace) }}
{{- end }}
{{- end }}
